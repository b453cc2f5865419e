-- A dispute that is decided books by itself. What the provider's account tells of it later is no second booking.

ALTER TABLE dispute
    ADD COLUMN taken_cents bigint CHECK (taken_cents >= 0),            -- once lost: what the payer got back
    ADD COLUMN fee_cents   bigint NOT NULL DEFAULT 0 CHECK (fee_cents >= 0); -- where the provider names one

-- The ledger's entries that a dispute's end wrote, and the movement by which the provider's account told the same.
CREATE TABLE dispute_entry (
    tenant                text NOT NULL REFERENCES tenant,
    ledger_number         bigint NOT NULL,
    dispute_id            uuid NOT NULL REFERENCES dispute,
    attempt_id            uuid NOT NULL REFERENCES attempt,
    kind                  text NOT NULL CHECK (kind IN ('chargeback', 'fee')),
    amount_cents          bigint NOT NULL,         -- as in the ledger
    movement_id           text,                    -- null: not told yet
    PRIMARY KEY (tenant, ledger_number),
    FOREIGN KEY (tenant, ledger_number) REFERENCES ledger_entry (tenant, number)
);
CREATE INDEX dispute_entry_by_dispute ON dispute_entry (dispute_id);
CREATE INDEX dispute_entry_untold ON dispute_entry (attempt_id) WHERE movement_id IS NULL;

CALL bind_to_tenant('dispute_entry');
GRANT SELECT, INSERT, UPDATE (movement_id) ON dispute_entry TO :app_role;
