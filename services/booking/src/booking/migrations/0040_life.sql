-- The life of an appointment: deadlines of a service, the counter's money, arrival, and people found by name.

-- Hours before the visit until which the citizen may change it without calling; 0: until it begins.
ALTER TABLE offering ADD COLUMN cancel_until_h int NOT NULL DEFAULT 0 CHECK (cancel_until_h BETWEEN 0 AND 2000);
ALTER TABLE offering ADD COLUMN reschedule_until_h int NOT NULL DEFAULT 0
    CHECK (reschedule_until_h BETWEEN 0 AND 2000);
-- Hours before the visit at which its reminder is due; null: as the service is set, 0: none.
ALTER TABLE offering ADD COLUMN reminder_ahead_h int CHECK (reminder_ahead_h BETWEEN 0 AND 2000);
CREATE INDEX appointment_to_remind ON appointment (starts_at) WHERE state = 'confirmed' AND reminded_at IS NULL;

-- What was paid at the counter, as the clerk marked it. No cash is handled here; it is for statistics and the treasury.
ALTER TABLE appointment ADD COLUMN counter_paid_cents int CHECK (counter_paid_cents >= 0);

-- For the staff's search by name: folded as booking.domain.folding does, family name first. It goes with the person.
ALTER TABLE contact ADD COLUMN name_key text NOT NULL DEFAULT '';
UPDATE contact SET name_key = regexp_replace(
    replace(replace(replace(replace(
        lower(concat_ws(' ', family_name, given_name, organisation)), 'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'ß', 'ss'),
    '[^a-z0-9]+', ' ', 'g');
CREATE INDEX contact_by_name ON contact (tenant, name_key);

-- On a poster at the entrance: who reads it is there. Without the letters that look alike.
CREATE FUNCTION make_arrival_code() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', 1 + get_byte(uuid_send(gen_random_uuid()), n) % 32, 1), '')
    FROM generate_series(0, 5) AS n
$$;
ALTER TABLE location ADD COLUMN arrival_code text NOT NULL DEFAULT make_arrival_code();
CREATE UNIQUE INDEX location_by_arrival_code ON location (tenant, arrival_code);
