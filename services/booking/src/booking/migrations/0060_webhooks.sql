-- Outgoing webhooks of a tenant's other systems: ids and instants, no persons. Written in the event's transaction.

CREATE TABLE webhook_endpoint (
    id           uuid PRIMARY KEY,                 -- its secret is derived from it; nothing secret is stored
    tenant       text NOT NULL REFERENCES tenant,
    url          text NOT NULL,
    events       text[] NOT NULL,
    created_by   text NOT NULL,                    -- a subject
    created_at   timestamptz NOT NULL,
    removed_at   timestamptz                       -- nothing goes there any more; its log stays
);
CREATE INDEX webhook_endpoint_by_tenant ON webhook_endpoint (tenant) WHERE removed_at IS NULL;

-- The log of deliveries, and what is still to be sent.
CREATE TABLE webhook_delivery (
    id           uuid PRIMARY KEY,
    position     bigint GENERATED ALWAYS AS IDENTITY,
    tenant       text NOT NULL REFERENCES tenant,
    endpoint_id  uuid NOT NULL REFERENCES webhook_endpoint,
    event_id     uuid NOT NULL,
    payload      jsonb NOT NULL,                   -- contracts.booking.AppointmentWebhook
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    tries        int NOT NULL DEFAULT 0,
    last_outcome text,                             -- status code, or the name of the fault
    due_at       timestamptz,
    created_at   timestamptz NOT NULL,
    delivered_at timestamptz,
    UNIQUE (endpoint_id, event_id),
    CHECK ((state = 'waiting') = (due_at IS NOT NULL))
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_delivery_log ON webhook_delivery (tenant, position);
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (created_at);

GRANT SELECT, INSERT, UPDATE ON webhook_endpoint TO :app_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_delivery TO :app_role;
