-- Disputes: a payer calls the money back at the provider. Recorded, never decided here.

CREATE TABLE dispute (
    id                    uuid PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    payment_id            uuid NOT NULL REFERENCES payment,
    attempt_id            uuid NOT NULL REFERENCES attempt,
    provider              text NOT NULL,
    provider_dispute_id   text NOT NULL,
    state                 text NOT NULL CHECK (state IN ('opened', 'won', 'lost')),
    amount_cents          bigint NOT NULL CHECK (amount_cents > 0),
    currency              text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    reason                text NOT NULL,           -- the provider's word
    respond_by            timestamptz,             -- until when the provider takes an answer
    opened_at             timestamptz NOT NULL,
    closed_at             timestamptz,
    updated_at            timestamptz NOT NULL,
    UNIQUE (tenant, provider, provider_dispute_id),
    CHECK ((state = 'opened') = (closed_at IS NULL))
);
CREATE INDEX dispute_by_attempt ON dispute (attempt_id);
CREATE INDEX dispute_by_tenant ON dispute (tenant, id);

-- Which disputes are to be read from the provider, and when: written with the webhook, so that no crash loses one.
CREATE TABLE dispute_look (
    id                    uuid PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    provider              text NOT NULL,
    provider_dispute_id   text NOT NULL,
    tries                 int NOT NULL DEFAULT 0,
    due_at                timestamptz NOT NULL,
    UNIQUE (tenant, provider, provider_dispute_id)
);
CREATE INDEX dispute_look_due ON dispute_look (due_at);

CALL bind_to_tenant('dispute');
CALL bind_to_tenant('dispute_look');

GRANT SELECT, INSERT, UPDATE ON dispute TO :app_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON dispute_look TO :app_role;
