-- The catalogue of many tenants: each has one location, one service, and clerks who all serve it.
-- `bench_shape` holds how many there are of what, and `bench_profile` what each tenant looks like.
CREATE TEMP TABLE bench_tenant AS
    SELECT number, prefix || lpad(number::text, 5, '0') AS slug, lanes
    FROM bench_shape, generate_series(0, tenants - 1) number;
INSERT INTO tenant (slug, profile, position, catalogue_version)
    SELECT slug, profile || jsonb_build_object('slug', slug), number, 1 FROM bench_tenant, bench_profile;
INSERT INTO organisational_unit (id, tenant, name) SELECT gen_random_uuid(), slug, 'Bürgerbüro' FROM bench_tenant;
INSERT INTO location (id, tenant, name, street, postcode, city)
    SELECT gen_random_uuid(), slug, 'Rathaus', 'Markt 1', '52499', 'Musterstadt' FROM bench_tenant;
INSERT INTO service (id, tenant, name, kind, fee_kind, payment_policy, letter, sort_key, search_key)
    SELECT gen_random_uuid(), slug, 'Personalausweis beantragen', 'visit', 'fixed', 'online_optional', 'P',
           'personalausweis beantragen', 'personalausweis beantragen ausweis perso'
    FROM bench_tenant;
INSERT INTO service_fee (service_id, amount_cents, valid)
    SELECT s.id, 4600, daterange(NULL, NULL) FROM service s JOIN bench_tenant t ON t.slug = s.tenant;
INSERT INTO offering (id, tenant, service_id, unit_id, location_id, duration_min, extra_item_min, max_quantity, notice_min)
    SELECT gen_random_uuid(), slug, s.id, u.id, l.id, 15, 10, 5, 0
    FROM bench_tenant JOIN service s ON s.tenant = slug JOIN organisational_unit u ON u.tenant = slug
         JOIN location l ON l.tenant = slug;
INSERT INTO clerk (id, tenant, unit_id, display_name, email)
    SELECT gen_random_uuid(), slug, u.id, 'Clerk ' || n, n || '@' || slug || '.example'
    FROM bench_tenant JOIN organisational_unit u ON u.tenant = slug, generate_series(1, lanes) n;
INSERT INTO lane (tenant, location_id, clerk_id, room)
    SELECT slug, l.id, c.id, '1' FROM bench_tenant JOIN clerk c ON c.tenant = slug JOIN location l ON l.tenant = slug
    ORDER BY number;
INSERT INTO skill (lane_id, offering_id)
    SELECT l.id, o.id FROM bench_tenant JOIN lane l ON l.tenant = slug JOIN offering o ON o.tenant = slug;
DROP TABLE bench_tenant;
