-- Keys end, are rotated and revoked; who did it is kept, and never changed.

ALTER TABLE api_key ADD COLUMN expires_at timestamptz; -- null: until it is revoked

CREATE TABLE api_key_event (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    key_id                uuid NOT NULL REFERENCES api_key,
    action                text NOT NULL CHECK (action IN ('issued', 'rotated', 'revoked')),
    actor                 text NOT NULL,           -- staff:<subject>, or operator by command line
    at                    timestamptz NOT NULL
);
CREATE INDEX api_key_event_by_key ON api_key_event (key_id, id);
CREATE INDEX api_key_by_tenant ON api_key (tenant, id);

CALL bind_to_tenant('api_key_event');
GRANT SELECT, INSERT ON api_key_event TO :app_role;
