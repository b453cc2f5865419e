-- A payout that failed comes back to the balance, and must reach the bank by another one.

ALTER TABLE provider_movement
    DROP CONSTRAINT provider_movement_kind_check,
    ADD CONSTRAINT provider_movement_kind_check CHECK (kind IN (
        'payment', 'refund', 'dispute', 'fee', 'payout', 'payout_reversal', 'other'));
UPDATE provider_movement m SET kind = 'payout_reversal' FROM provider_payout p
    WHERE m.kind = 'payout' AND m.amount_cents > 0 AND p.amount_cents > 0
    AND p.tenant = m.tenant AND p.provider = m.provider AND p.id = m.source_id;
