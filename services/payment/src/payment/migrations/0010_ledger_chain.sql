-- The ledger as a chain per tenant: each entry has the next number and the hash of the one before it. Chaining is the
-- database's work, so that whoever inserts, chains. Canonical form: domain/ledger_chain.py holds the same in Python.

ALTER TABLE ledger_entry
    DROP CONSTRAINT ledger_entry_kind_check,
    DROP CONSTRAINT ledger_entry_check,
    DROP CONSTRAINT ledger_entry_check1,
    ALTER COLUMN payment_id DROP NOT NULL,         -- a payout and a provider's monthly fee belong to no payment
    ALTER COLUMN attempt_id DROP NOT NULL,
    ALTER COLUMN treasury_reference DROP NOT NULL,
    ADD COLUMN number bigint,
    ADD COLUMN previous_hash bytea,
    ADD COLUMN hash bytea,
    ADD CONSTRAINT ledger_entry_kind CHECK (kind IN (
        'capture', 'refund', 'fee', 'payout', 'manual_transfer', 'chargeback')),
    ADD CONSTRAINT ledger_entry_sign CHECK (CASE kind
        WHEN 'capture' THEN amount_cents > 0
        WHEN 'refund' THEN amount_cents < 0
        WHEN 'manual_transfer' THEN amount_cents < 0
        ELSE amount_cents <> 0 END),               -- a fee, a payout and a chargeback may come back
    ADD CONSTRAINT ledger_entry_refund CHECK ((kind IN ('refund', 'manual_transfer')) = (refund_id IS NOT NULL)),
    ADD CONSTRAINT ledger_entry_payment CHECK (
        kind IN ('fee', 'payout', 'chargeback')
        OR (payment_id IS NOT NULL AND attempt_id IS NOT NULL AND treasury_reference IS NOT NULL));
DROP INDEX ledger_refund_once;
CREATE UNIQUE INDEX ledger_refund_once ON ledger_entry (refund_id) WHERE refund_id IS NOT NULL;

-- Where each tenant's chain ends. Its row is the lock under which the next number is given: taken as an entry is
-- inserted, the last thing a capture or refund does, and freed by its commit. So numbers follow the order of commits.
CREATE TABLE ledger_head (
    tenant                text PRIMARY KEY REFERENCES tenant,
    number                bigint NOT NULL,
    hash                  bytea NOT NULL CHECK (length(hash) = 32)
);

CREATE FUNCTION ledger_hash(entry ledger_entry) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT sha256(convert_to(json_build_array(
        entry.tenant, entry.number, entry.kind, entry.payment_id, entry.attempt_id, entry.refund_id,
        entry.amount_cents, entry.currency, entry.treasury_reference, entry.provider, entry.provider_reference,
        to_char(entry.booked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
        encode(entry.previous_hash, 'hex'))::text, 'UTF8'))
$$;

CREATE FUNCTION next_in_ledger(entry ledger_entry) RETURNS ledger_entry LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ledger_head AS head (tenant, number, hash)
        VALUES (entry.tenant, 1, decode(repeat('00', 32), 'hex'))
        ON CONFLICT (tenant) DO UPDATE SET number = head.number + 1
        RETURNING head.number, head.hash INTO entry.number, entry.previous_hash;
    entry.hash := ledger_hash(entry);
    UPDATE ledger_head SET hash = entry.hash WHERE tenant = entry.tenant;
    RETURN entry;
END $$;

-- As the owner: the service's role cannot touch the head itself. Never insert with ON CONFLICT DO NOTHING: the number
-- would be given to nobody.
CREATE FUNCTION chain_ledger_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
    RETURN next_in_ledger(NEW);
END $$;

DO $$
DECLARE
    entry ledger_entry;
BEGIN
    FOR entry IN SELECT * FROM ledger_entry ORDER BY id LOOP
        entry := next_in_ledger(entry);
        UPDATE ledger_entry
            SET number = entry.number, previous_hash = entry.previous_hash, hash = entry.hash WHERE id = entry.id;
    END LOOP;
END $$;

ALTER TABLE ledger_entry
    ALTER COLUMN number SET NOT NULL,
    ALTER COLUMN previous_hash SET NOT NULL,
    ALTER COLUMN hash SET NOT NULL,
    ADD CONSTRAINT ledger_number_once UNIQUE (tenant, number);
CREATE TRIGGER chain_ledger_entry BEFORE INSERT ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION chain_ledger_entry();

CALL bind_to_tenant('ledger_head');

GRANT SELECT ON ledger_head TO :app_role;
