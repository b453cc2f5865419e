-- A tenant's own way into a mail server; who has none goes by the house's (SMTP_…).
CREATE TABLE smtp_account (
    tenant     text PRIMARY KEY REFERENCES tenant ON DELETE CASCADE,
    mailbox    text NOT NULL,                      -- From, and with a plus tag ORGANIZER
    secrets    bytea NOT NULL,                     -- Fernet under ACCOUNTS_KEY: server, login; never in clear
    updated_at timestamptz NOT NULL
);

-- A mail server that is left in peace for a while (domain/pausing.py). No row: it is well.
CREATE TABLE relay_pause (
    account text PRIMARY KEY,                      -- a tenant's slug; empty: the house's
    cause   text NOT NULL CHECK (cause IN ('locked_out', 'unreachable', 'slow_down')),
    level   int NOT NULL CHECK (level > 0),
    until   timestamptz NOT NULL,
    since   timestamptz NOT NULL                   -- of this cause
);

-- From then on the day counts after which a mail is given up: when the server first sent it back, or broke off.
ALTER TABLE delivery ADD COLUMN deferred_since timestamptz;

-- What the sweeps look for, however many settled mails there are.
CREATE INDEX delivery_accepted ON delivery (settled_at) WHERE state = 'accepted';
CREATE INDEX delivery_kept ON delivery (settled_at)
    WHERE settled_at IS NOT NULL AND (message IS NOT NULL OR recipient IS NOT NULL OR recipient_shown IS NOT NULL);
CREATE INDEX delivery_ended_badly ON delivery (settled_at) WHERE state IN ('failed', 'bounced', 'expired');
CREATE INDEX notice_by_age ON notice (created_at);
CREATE INDEX suppression_by_age ON suppression (created_at);

-- The next one due in the order in which they are taken.
DROP INDEX delivery_due;
CREATE INDEX delivery_due ON delivery (due_at, position) WHERE state IN ('queued', 'retry_wait', 'unknown');

-- How many mails were settled since the beginning, and after how many tries; `delivery_total_until` is how far it was counted.
CREATE TABLE delivery_total (
    kind  text NOT NULL,
    state text NOT NULL,
    mails bigint NOT NULL,
    tries bigint NOT NULL,
    PRIMARY KEY (kind, state)
);
CREATE TABLE delivery_total_until (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    settled_at timestamptz NOT NULL
);
INSERT INTO delivery_total_until (settled_at) VALUES ('-infinity');

GRANT SELECT, INSERT, UPDATE, DELETE ON smtp_account, relay_pause, delivery_total, delivery_total_until TO :app_role;
