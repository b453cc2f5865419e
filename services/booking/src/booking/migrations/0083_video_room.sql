-- Where visits by video take place is a field of the tenant's profile now, `video_url_template`, with {room} for what was
-- {id}: so it is configured like all else. Left out are addresses that name a user, or hold the placeholder in the host.
UPDATE tenant t
SET profile = t.profile || jsonb_build_object('video_url_template', replace(s.video_url_template, '{id}', '{room}')),
    catalogue_version = t.catalogue_version + 1
FROM tenant_setting s
WHERE s.tenant = t.slug AND s.video_url_template ~ '^https://[A-Za-z0-9.-]+(:[0-9]+)?/[^[:space:]{}\\]*[{]id[}][^[:space:]{}\\]*$';

-- The key of the links has a row for each tenant. The old column stays as long as the code before this may run.
INSERT INTO tenant_setting (tenant) SELECT slug FROM tenant ON CONFLICT DO NOTHING;
COMMENT ON COLUMN tenant_setting.video_url_template IS 'No longer read: see tenant.profile.';
