-- What providers and the bank say of the money, to be held against the ledger. Amounts in cents, ids; no persons.

CREATE TABLE provider_movement (
    tenant                text NOT NULL REFERENCES tenant,
    provider              text NOT NULL,
    id                    text NOT NULL,
    kind                  text NOT NULL CHECK (kind IN ('payment', 'refund', 'dispute', 'fee', 'payout', 'other')),
    amount_cents          bigint NOT NULL,         -- gross; in is positive
    fee_cents             bigint NOT NULL,
    currency              text NOT NULL,
    source_id             text NOT NULL,           -- capture, refund or payout
    reference             text NOT NULL,           -- Kassenzeichen, where the provider hands it back
    occurred_at           timestamptz NOT NULL,
    payout_id             text,                    -- with which it was paid out
    ledger_number         bigint,                  -- the entry that it was matched with
    settled_at            timestamptz,             -- nothing more is to be found out about it
    PRIMARY KEY (tenant, provider, id)
);
CREATE INDEX provider_movement_open ON provider_movement (tenant) WHERE settled_at IS NULL;
CREATE INDEX provider_movement_by_payout ON provider_movement (tenant, provider, payout_id) WHERE payout_id IS NOT NULL;
CREATE INDEX provider_movement_by_entry ON provider_movement (tenant, ledger_number) WHERE ledger_number IS NOT NULL;

CREATE TABLE provider_payout (
    tenant                text NOT NULL REFERENCES tenant,
    provider              text NOT NULL,
    id                    text NOT NULL,
    amount_cents          bigint NOT NULL,
    currency              text NOT NULL,
    status                text NOT NULL CHECK (status IN ('on_its_way', 'paid', 'failed')),
    arrives_on            date NOT NULL,
    trace                 text NOT NULL,
    names_movements       boolean NOT NULL,
    summed_at             timestamptz,             -- its movements were found and sum up, or somebody was told
    bank_entry_id         uuid,
    PRIMARY KEY (tenant, provider, id)
);

-- Up to when each account was read, and when the worker reads it next.
CREATE TABLE movement_reading (
    tenant                text NOT NULL REFERENCES tenant,
    provider              text NOT NULL,
    read_until            timestamptz,             -- null: not yet
    due_at                timestamptz NOT NULL,
    PRIMARY KEY (tenant, provider)
);
CREATE INDEX movement_reading_due ON movement_reading (due_at);

CREATE TABLE bank_statement (
    id                    uuid PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    iban                  text NOT NULL,
    number                text NOT NULL,           -- the bank's own id: each is read once
    digest                bytea NOT NULL,          -- SHA-256 of what was read
    currency              text NOT NULL,
    opened_cents          bigint NOT NULL,
    closed_cents          bigint NOT NULL,
    closed_on             date NOT NULL,
    entries               int NOT NULL,
    imported_by           text NOT NULL,
    imported_at           timestamptz NOT NULL,
    UNIQUE (tenant, iban, number)
);

CREATE TABLE bank_entry (
    id                    uuid PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    statement_id          uuid NOT NULL REFERENCES bank_statement,
    position              int NOT NULL,
    amount_cents          bigint NOT NULL,         -- a credit is positive
    booked_on             date NOT NULL,
    provider              text,                    -- null: other people's business, and without words
    text                  text NOT NULL,
    UNIQUE (statement_id, position),
    CHECK (provider IS NOT NULL OR text = '')
);
CREATE INDEX bank_entry_of_providers ON bank_entry (tenant, booked_on) WHERE provider IS NOT NULL;
CREATE UNIQUE INDEX payout_by_bank_entry ON provider_payout (bank_entry_id) WHERE bank_entry_id IS NOT NULL;

-- What does not match and for how long it has been known. One row a subject: it is found again, resolved or accepted.
CREATE TABLE treasury_exception (
    id                    uuid PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    kind                  text NOT NULL,           -- domain/reconciliation.py
    subject               text NOT NULL,           -- what it is about, by its provider's or the bank's id
    day                   date NOT NULL,
    difference_cents      bigint NOT NULL,
    provider              text NOT NULL,
    treasury_reference    text NOT NULL,
    found_at              timestamptz NOT NULL,
    resolved_at           timestamptz,             -- it fits meanwhile
    accepted_at           timestamptz,
    accepted_by           text,
    reason                text,
    UNIQUE (tenant, kind, subject),
    CHECK ((accepted_at IS NULL) = (accepted_by IS NULL) AND (accepted_at IS NULL) = (reason IS NULL))
);
CREATE INDEX treasury_exception_open ON treasury_exception (tenant, day)
    WHERE resolved_at IS NULL AND accepted_at IS NULL;

CALL bind_to_tenant('provider_movement');
CALL bind_to_tenant('provider_payout');
CALL bind_to_tenant('movement_reading');
CALL bind_to_tenant('bank_statement');
CALL bind_to_tenant('bank_entry');
CALL bind_to_tenant('treasury_exception');

GRANT SELECT, INSERT, UPDATE ON provider_movement, provider_payout, movement_reading, treasury_exception TO :app_role;
GRANT SELECT, INSERT ON bank_statement, bank_entry TO :app_role;
