-- Closed days: numbered without gaps, each day once and in order, never changed. A close covers the ledger's entries
-- from where the one before it ended; what is booked on a day after its close belongs to the next.

CREATE TABLE day_close (
    tenant                text NOT NULL REFERENCES tenant,
    number                int NOT NULL CHECK (number > 0),
    day                   date NOT NULL,
    first_number          bigint NOT NULL,         -- of the ledger
    last_number           bigint NOT NULL CHECK (last_number >= first_number - 1),
    ledger_hash           bytea NOT NULL,          -- where the chain stood
    lines                 int NOT NULL,
    totals                jsonb NOT NULL,          -- domain/day_close.py
    accepted_exceptions   int NOT NULL,
    export_hash           bytea NOT NULL,          -- SHA-256 of the whole CSV file
    closed_by             text NOT NULL,
    closed_at             timestamptz NOT NULL,
    PRIMARY KEY (tenant, number),
    UNIQUE (tenant, day)
);

-- The export, line by line as it was written: what was handed out once comes out the same for ever.
CREATE TABLE day_close_line (
    tenant                text NOT NULL,
    close_number          int NOT NULL,
    position              int NOT NULL,
    line                  text NOT NULL,
    PRIMARY KEY (tenant, close_number, position)
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER day_close_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON day_close EXECUTE FUNCTION refuse_change();
CREATE TRIGGER day_close_line_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON day_close_line
    EXECUTE FUNCTION refuse_change();

CREATE FUNCTION check_day_close() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before day_close;
BEGIN
    SELECT * INTO before FROM day_close WHERE tenant = NEW.tenant ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(before.number, 0) + 1
        OR NEW.first_number <> coalesce(before.last_number, 0) + 1
        OR NEW.day <= before.day
    THEN
        RAISE EXCEPTION 'a day close follows the one before it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER day_close_follows BEFORE INSERT ON day_close FOR EACH ROW EXECUTE FUNCTION check_day_close();

CALL bind_to_tenant('day_close');
CALL bind_to_tenant('day_close_line');

GRANT SELECT, INSERT ON day_close, day_close_line TO :app_role;
