-- A refund that succeeded may fail days later (cards do): the provider gives the money back to us, and the ledger says so.

ALTER TABLE ledger_entry
    DROP CONSTRAINT ledger_entry_kind,
    DROP CONSTRAINT ledger_entry_sign,
    DROP CONSTRAINT ledger_entry_refund,
    ADD CONSTRAINT ledger_entry_kind CHECK (kind IN (
        'capture', 'refund', 'refund_reversal', 'fee', 'payout', 'manual_transfer', 'chargeback')),
    ADD CONSTRAINT ledger_entry_sign CHECK (CASE kind
        WHEN 'capture' THEN amount_cents > 0
        WHEN 'refund' THEN amount_cents < 0
        WHEN 'refund_reversal' THEN amount_cents > 0
        WHEN 'manual_transfer' THEN amount_cents < 0
        ELSE amount_cents <> 0 END),
    ADD CONSTRAINT ledger_entry_refund CHECK (
        (kind IN ('refund', 'refund_reversal', 'manual_transfer')) = (refund_id IS NOT NULL));

-- Given back by the provider, come back, and then transferred by hand: each once.
DROP INDEX ledger_refund_once;
CREATE UNIQUE INDEX ledger_refund_once ON ledger_entry (refund_id, kind) WHERE refund_id IS NOT NULL;
