-- Refunds that two persons release many at once, and those that the treasury paid by hand.

ALTER TABLE refund
    DROP CONSTRAINT refund_state_check,
    ADD CONSTRAINT refund_state CHECK (state IN (
        'requested', 'approved', 'submitted', 'succeeded', 'failed', 'transferred')),
    ADD COLUMN transfer_reference text,            -- of the transfer made by hand, as the treasury names it
    ADD CONSTRAINT refund_transfer CHECK ((state = 'transferred') = (transfer_reference IS NOT NULL));
CREATE INDEX refund_by_state ON refund (tenant, state, id);

CREATE TABLE refund_batch (
    id                    uuid PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    created_by            text NOT NULL,
    created_at            timestamptz NOT NULL,
    released_by           text,
    released_at           timestamptz,
    CHECK (released_by IS NULL OR released_by <> created_by)
);
CREATE INDEX refund_batch_by_tenant ON refund_batch (tenant, id);

CREATE TABLE refund_batch_item (
    batch_id              uuid NOT NULL REFERENCES refund_batch,
    refund_id             uuid NOT NULL REFERENCES refund,
    tenant                text NOT NULL REFERENCES tenant,
    PRIMARY KEY (batch_id, refund_id)
);

CALL bind_to_tenant('refund_batch');
CALL bind_to_tenant('refund_batch_item');

GRANT SELECT, INSERT, UPDATE ON refund_batch TO :app_role;
GRANT SELECT, INSERT ON refund_batch_item TO :app_role;
