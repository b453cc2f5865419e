-- XBezahldienste 1.0.0: who may charge through our facade, what was asked there, and the third provider.

-- An online service (originator) and the authorities (end points) it may charge for.
CREATE TABLE originator (
    tenant                text NOT NULL REFERENCES tenant,
    originator_id         text NOT NULL CHECK (originator_id ~ '^[A-Za-z0-9_-]{1,36}$'),
    end_points            text[] NOT NULL,
    booking_data          text[] NOT NULL,         -- keys that each item's bookingData must hold
    PRIMARY KEY (tenant, originator_id)
);

-- Client certificates by which an originator may come instead of with an API key.
CREATE TABLE originator_certificate (
    fingerprint           text PRIMARY KEY CHECK (fingerprint ~ '^[0-9a-f]{64}$'), -- SHA-256 of the DER
    tenant                text NOT NULL,
    originator_id         text NOT NULL,
    FOREIGN KEY (tenant, originator_id) REFERENCES originator ON DELETE CASCADE
);

-- A request of the standard, without its requestor, and the payment it became. It outlives its originator's entry.
CREATE TABLE xbezahldienste_transaction (
    tenant                text NOT NULL REFERENCES tenant,
    originator_id         text NOT NULL,
    end_point_id          text NOT NULL,
    request_id            text NOT NULL,
    -- Claimed before the payment is inserted, so that of two equal requests at once the second waits for the first.
    payment_id            uuid NOT NULL UNIQUE REFERENCES payment DEFERRABLE INITIALLY DEFERRED,
    request               jsonb NOT NULL,          -- amounts as text, so that they stay exact
    created_at            timestamptz NOT NULL,
    PRIMARY KEY (tenant, originator_id, end_point_id, request_id)
);

-- Which provider serves a tenant's method; what is not here is not offered.
CREATE TABLE tenant_method (
    tenant                text NOT NULL REFERENCES tenant,
    method                text NOT NULL CHECK (method IN ('card', 'paypal', 'xbezahldienste')),
    provider              text NOT NULL,
    PRIMARY KEY (tenant, method),
    FOREIGN KEY (tenant, provider) REFERENCES provider_account
);
INSERT INTO tenant_method (tenant, method, provider)
    SELECT tenant, CASE provider WHEN 'stripe' THEN 'card' ELSE provider END, provider FROM provider_account;

ALTER TABLE provider_account
    DROP CONSTRAINT provider_account_provider_check,
    ADD CONSTRAINT provider_account_provider_check CHECK (provider IN ('stripe', 'paypal', 'xbezahldienste'));
ALTER TABLE attempt
    DROP CONSTRAINT attempt_method_check,
    ADD CONSTRAINT attempt_method_check CHECK (method IN ('card', 'paypal', 'xbezahldienste')),
    DROP CONSTRAINT attempt_provider_check,
    ADD CONSTRAINT attempt_provider_check CHECK (provider IN ('stripe', 'paypal', 'xbezahldienste')),
    -- Behind XBezahldienste stands each tenant's own system, with ids of its own.
    DROP CONSTRAINT attempt_provider_session_id_key,
    ADD CONSTRAINT attempt_session UNIQUE (tenant, provider, session_id);

CALL bind_to_tenant('originator');
CALL bind_to_tenant('originator_certificate');
CALL bind_to_tenant('xbezahldienste_transaction');
CALL bind_to_tenant('tenant_method');

GRANT SELECT, INSERT, DELETE ON originator, tenant_method TO :app_role;
GRANT SELECT, INSERT ON originator_certificate, xbezahldienste_transaction TO :app_role;
