-- What leaves a tenant's configuration is retired, never deleted: appointments name it.
ALTER TABLE organisational_unit ADD COLUMN retired_at timestamptz;
ALTER TABLE location ADD COLUMN retired_at timestamptz;
ALTER TABLE clerk ADD COLUMN retired_at timestamptz;
ALTER TABLE lane ADD COLUMN retired_at timestamptz;
ALTER TABLE offering ADD COLUMN retired_at timestamptz;

-- A name is unique among those that are offered: what replaces a retired one may bear its name.
ALTER TABLE organisational_unit DROP CONSTRAINT organisational_unit_tenant_name_key;
ALTER TABLE location DROP CONSTRAINT location_tenant_name_key;
ALTER TABLE clerk DROP CONSTRAINT clerk_tenant_display_name_key;
ALTER TABLE service DROP CONSTRAINT service_tenant_name_key;
ALTER TABLE offering DROP CONSTRAINT offering_service_id_location_id_key;
CREATE UNIQUE INDEX organisational_unit_name ON organisational_unit (tenant, name) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX location_name ON location (tenant, name) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX clerk_name ON clerk (tenant, display_name) WHERE retired_at IS NULL;
CREATE UNIQUE INDEX service_name ON service (tenant, name) WHERE offered;
CREATE UNIQUE INDEX offering_place ON offering (service_id, location_id) WHERE retired_at IS NULL;

-- Internal: booked by the staff alone; citizens neither find nor book it, at this location or at all.
ALTER TABLE service ADD COLUMN audience text NOT NULL DEFAULT 'public' CHECK (audience IN ('public', 'internal'));
ALTER TABLE offering ADD COLUMN audience text NOT NULL DEFAULT 'public' CHECK (audience IN ('public', 'internal'));
