-- Payment's own tables. Words: services/payment/README.md. Invariants stand in the database where it can hold them.

-- Who may ask, and on whose account -----------------------------------------------------------------------------

CREATE TABLE tenant (
    slug                  text PRIMARY KEY CHECK (slug ~ '^[a-z0-9-]{2,40}$'),
    profile               jsonb NOT NULL,          -- contracts.tenant.TenantProfile
    kassenzeichen         text NOT NULL,           -- the treasury's template (domain/kassenzeichen.py)
    standing_order        boolean NOT NULL DEFAULT false, -- refunds due by rule start approved
    position              int NOT NULL DEFAULT 0
);

-- One running number for all Kassenzeichen: unique without a row that every creation would have to lock.
CREATE SEQUENCE treasury_number AS bigint START 1001 CACHE 1;

-- Exact origins to which a tenant's payments may send the citizen back.
CREATE TABLE return_origin (
    tenant                text NOT NULL REFERENCES tenant,
    origin                text NOT NULL CHECK (origin ~ '^https?://[^/@]+$'),
    PRIMARY KEY (tenant, origin)
);

CREATE TABLE provider_account (
    tenant                text NOT NULL REFERENCES tenant,
    provider              text NOT NULL CHECK (provider IN ('stripe', 'paypal')),
    secrets               bytea NOT NULL,          -- Fernet under ACCOUNTS_KEY; never in clear
    PRIMARY KEY (tenant, provider)
);

CREATE TABLE api_key (
    id                    uuid PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    prefix                text NOT NULL UNIQUE,
    digest                bytea NOT NULL,          -- SHA-256 of the whole key
    scopes                text[] NOT NULL,
    label                 text NOT NULL,
    created_at            timestamptz NOT NULL,
    last_used_at          timestamptz,
    revoked_at            timestamptz
);

-- Payments -------------------------------------------------------------------------------------------------------

CREATE TABLE payment (
    id                    uuid PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    state                 text NOT NULL CHECK (state IN (
                              'created', 'pending', 'authorised', 'capturing', 'paid', 'capture_failed', 'voiding',
                              'cancelled', 'expiring', 'expired', 'review')),
    version               int NOT NULL DEFAULT 1 CHECK (version > 0),
    reference             text NOT NULL,           -- the caller's; need not be unique
    treasury_reference    text NOT NULL,           -- Kassenzeichen
    description           text NOT NULL,
    amount_cents          bigint NOT NULL CHECK (amount_cents > 0),
    currency              text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    refunded_cents        bigint NOT NULL DEFAULT 0 CHECK (refunded_cents BETWEEN 0 AND amount_cents),
    capture               text NOT NULL CHECK (capture IN ('automatic', 'manual')),
    language              text NOT NULL CHECK (language IN ('de', 'en')),
    return_url            text NOT NULL,
    created_by            text NOT NULL,           -- prefix of the API key
    settled_attempt_id    uuid,                    -- the one attempt whose money counts
    cancel_requested_at   timestamptz,             -- the caller wants it cancelled; its session is being closed
    review_cause          text,
    expires_at            timestamptz NOT NULL,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    UNIQUE (tenant, treasury_reference),
    CHECK (state NOT IN ('authorised', 'capturing', 'paid', 'voiding') OR settled_attempt_id IS NOT NULL),
    CHECK (state <> 'review' OR review_cause IS NOT NULL)
);
CREATE INDEX payment_expiry ON payment (expires_at) WHERE state IN ('created', 'pending');
CREATE INDEX payment_by_reference ON payment (tenant, reference);

CREATE TABLE payment_item (
    payment_id            uuid NOT NULL REFERENCES payment,
    position              int NOT NULL,
    description           text NOT NULL,
    quantity              int NOT NULL CHECK (quantity > 0),
    amount_cents          bigint NOT NULL CHECK (amount_cents >= 0), -- of one
    accounting            jsonb NOT NULL DEFAULT '{}',               -- Haushaltsstelle, Kostenträger, Objektnummer
    PRIMARY KEY (payment_id, position)
);

-- One try to pay, with one method, in one session or order of a provider. Keys to the provider derive from its id.
CREATE TABLE attempt (
    id                    uuid PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    payment_id            uuid NOT NULL REFERENCES payment,
    state                 text NOT NULL CHECK (state IN (
                              'opening', 'open', 'closing', 'authorising', 'authorised', 'paid', 'voiding',
                              'closed', 'failed', 'voided', 'review')),
    method                text NOT NULL CHECK (method IN ('card', 'paypal')),
    provider              text NOT NULL CHECK (provider IN ('stripe', 'paypal')),
    session_id            text,
    redirect_url          text,                    -- the provider's hosted page; may hold a secret of the session
    authorization_id      text,
    authorization_expires_at timestamptz,
    capture_id            text,
    captured_cents        bigint NOT NULL DEFAULT 0 CHECK (captured_cents >= 0),
    card                  jsonb,                   -- brand, last four digits, expiry: nothing else of a card
    last_decline          text,
    tries                 int NOT NULL DEFAULT 0,  -- calls without an outcome, one after the other
    due_at                timestamptz,             -- when the sweeper looks next; null: nothing is open
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    UNIQUE (provider, session_id)
);
-- Two live sessions charge twice: there is one at most.
CREATE UNIQUE INDEX attempt_live ON attempt (payment_id)
    WHERE state IN ('opening', 'open', 'closing', 'authorising');
CREATE INDEX attempt_due ON attempt (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX attempt_by_payment ON attempt (payment_id, created_at);
CREATE INDEX attempt_by_authorization ON attempt (provider, authorization_id) WHERE authorization_id IS NOT NULL;
CREATE INDEX attempt_by_capture ON attempt (provider, capture_id) WHERE capture_id IS NOT NULL;

CREATE TABLE refund (
    id                    uuid PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    payment_id            uuid NOT NULL REFERENCES payment,
    attempt_id            uuid NOT NULL REFERENCES attempt,
    state                 text NOT NULL CHECK (state IN (
                              'requested', 'approved', 'submitted', 'succeeded', 'failed')),
    amount_cents          bigint NOT NULL CHECK (amount_cents > 0),
    currency              text NOT NULL,
    reason                text NOT NULL CHECK (reason IN (
                              'cancelled_by_office', 'cancelled_in_time', 'duplicate', 'late', 'reduced', 'goodwill')),
    requested_by          text NOT NULL,           -- rule:<reason>, key:<prefix> or staff:<subject>
    provider_refund_id    text,
    failure               text,                    -- why it failed for good: a manual transfer is due
    tries                 int NOT NULL DEFAULT 0,
    due_at                timestamptz,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL
);
CREATE INDEX refund_by_payment ON refund (payment_id);
CREATE INDEX refund_due ON refund (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX refund_by_provider ON refund (provider_refund_id) WHERE provider_refund_id IS NOT NULL;

-- Who released a refund: one person may do so once.
CREATE TABLE refund_approval (
    refund_id             uuid NOT NULL REFERENCES refund,
    subject               text NOT NULL,
    at                    timestamptz NOT NULL,
    PRIMARY KEY (refund_id, subject)
);

-- What was, never changed: the application's role may read and add, and no more -----------------------------------

CREATE TABLE ledger_entry (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    payment_id            uuid NOT NULL REFERENCES payment,
    attempt_id            uuid NOT NULL REFERENCES attempt,
    refund_id             uuid REFERENCES refund,
    kind                  text NOT NULL CHECK (kind IN ('capture', 'refund')),
    amount_cents          bigint NOT NULL,         -- what came in is positive, what went out negative
    currency              text NOT NULL,
    treasury_reference    text NOT NULL,
    provider              text NOT NULL,
    provider_reference    text NOT NULL,
    booked_at             timestamptz NOT NULL,
    CHECK ((kind = 'capture') = (amount_cents > 0)),
    CHECK ((kind = 'refund') = (refund_id IS NOT NULL))
);
CREATE UNIQUE INDEX ledger_capture_once ON ledger_entry (attempt_id) WHERE kind = 'capture';
CREATE UNIQUE INDEX ledger_refund_once ON ledger_entry (refund_id) WHERE kind = 'refund';
CREATE INDEX ledger_by_payment ON ledger_entry (payment_id);

CREATE TABLE payment_event (
    payment_id            uuid NOT NULL REFERENCES payment,
    version               int NOT NULL,
    tenant                text NOT NULL,
    trigger               text NOT NULL,
    state                 text NOT NULL,           -- after it
    actor                 text NOT NULL,           -- citizen, clock, provider, key:<prefix>, staff:<subject>, rule
    at                    timestamptz NOT NULL,
    PRIMARY KEY (payment_id, version)
);

-- What providers told us: each event once. Only its identity is kept; the truth is read from the provider.
CREATE TABLE provider_event (
    provider              text NOT NULL,
    event_id              text NOT NULL,
    tenant                text NOT NULL REFERENCES tenant,
    type                  text NOT NULL,
    object_id             text NOT NULL,
    received_at           timestamptz NOT NULL,
    PRIMARY KEY (provider, event_id)
);

-- What we tell callers ---------------------------------------------------------------------------------------------

CREATE TABLE webhook_endpoint (
    id                    uuid PRIMARY KEY,        -- its secret is derived from it; nothing secret is stored
    tenant                text NOT NULL REFERENCES tenant,
    url                   text NOT NULL,
    events                text[] NOT NULL,
    created_at            timestamptz NOT NULL,
    disabled_at           timestamptz
);
CREATE INDEX webhook_endpoint_by_tenant ON webhook_endpoint (tenant);

CREATE TABLE webhook_delivery (
    id                    uuid PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    endpoint_id           uuid NOT NULL REFERENCES webhook_endpoint,
    event_id              uuid NOT NULL,
    payload               jsonb NOT NULL,          -- contracts.payment.PaymentEvent
    state                 text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'delivered', 'failed')),
    tries                 int NOT NULL DEFAULT 0,
    last_outcome          text,                    -- status code, or the name of the fault
    due_at                timestamptz,
    created_at            timestamptz NOT NULL,
    delivered_at          timestamptz,
    UNIQUE (endpoint_id, event_id),
    CHECK ((state = 'waiting') = (due_at IS NOT NULL))
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (due_at) WHERE due_at IS NOT NULL;

GRANT SELECT, INSERT, UPDATE ON
    tenant, provider_account, api_key, payment, attempt, refund, webhook_endpoint, webhook_delivery TO :app_role;
GRANT SELECT, INSERT, DELETE ON return_origin TO :app_role;
GRANT SELECT, INSERT ON
    payment_item, refund_approval, ledger_entry, payment_event, provider_event TO :app_role;
GRANT USAGE ON SEQUENCE treasury_number TO :app_role;
