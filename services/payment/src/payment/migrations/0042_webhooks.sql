-- Secrets of endpoints change with an overlap, and the log of deliveries is read page by page.

ALTER TABLE webhook_endpoint
    ADD COLUMN secret_version     int NOT NULL DEFAULT 1 CHECK (secret_version > 0),
    ADD COLUMN older_secret_until timestamptz;  -- so long the version before signs, too

CREATE INDEX webhook_delivery_by_tenant ON webhook_delivery (tenant, id);
