-- Refunds due by rule, without a standing order: the worker draws them up once a day, and two persons release them.

ALTER TABLE tenant ADD COLUMN refund_batch_at time NOT NULL DEFAULT '06:00'; -- by the tenant's own clock

-- Nobody drew this batch up: two persons release it, and this is the first.
ALTER TABLE refund_batch
    ADD COLUMN first_released_by text,
    ADD COLUMN first_released_at timestamptz,
    ADD CONSTRAINT refund_batch_first CHECK ((first_released_by IS NULL) = (first_released_at IS NULL)),
    ADD CONSTRAINT refund_batch_two CHECK (released_by <> first_released_by),
    ADD CONSTRAINT refund_batch_by_rule
        CHECK (created_by NOT LIKE 'rule:%' OR released_by IS NULL OR first_released_by IS NOT NULL);

-- The days that were looked at, with or without a refund: what comes later on a day waits for the next.
CREATE TABLE refund_batch_day (
    tenant                text NOT NULL REFERENCES tenant,
    day                   date NOT NULL,
    batch_id              uuid REFERENCES refund_batch,
    looked_at             timestamptz NOT NULL,
    PRIMARY KEY (tenant, day)
);

CALL bind_to_tenant('refund_batch_day');
GRANT SELECT, INSERT, UPDATE (batch_id) ON refund_batch_day TO :app_role;
