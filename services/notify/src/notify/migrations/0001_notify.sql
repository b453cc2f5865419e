-- Notify's own tables. Words: services/notify/README.md. States stand in domain/delivery.py, and a test holds them equal.

CREATE TABLE tenant (
    slug    text PRIMARY KEY CHECK (slug ~ '^[a-z0-9-]{2,40}$'),
    profile jsonb NOT NULL                         -- contracts.tenant.TenantProfile
);

-- What is known of an appointment from events and letters: newer versions only. Asked before a mail goes out.
CREATE TABLE appointment (
    id         uuid PRIMARY KEY,
    tenant     text NOT NULL,
    version    int NOT NULL,
    state      text NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE INDEX appointment_by_age ON appointment (updated_at);

-- An event that is to be turned into mails. Its id is the event's.
CREATE TABLE notice (
    id             uuid PRIMARY KEY,
    tenant         text NOT NULL,
    appointment_id uuid NOT NULL REFERENCES appointment,
    type           text NOT NULL,
    version        int NOT NULL,
    occurred_at    timestamptz NOT NULL,
    state          text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'claimed', 'prepared', 'failed')),
    tries          int NOT NULL DEFAULT 0,
    due_at         timestamptz NOT NULL,
    claim          uuid,                           -- who holds it; each claim has a new one
    lease_until    timestamptz,
    cause          text,
    mails          int,                            -- how many it became
    created_at     timestamptz NOT NULL,
    CHECK ((state = 'claimed') = (claim IS NOT NULL)),
    CHECK ((state = 'claimed') = (lease_until IS NOT NULL))
);
CREATE INDEX notice_due ON notice (due_at) WHERE state IN ('waiting', 'claimed');
CREATE INDEX notice_open ON notice (appointment_id, version, occurred_at, id) WHERE state IN ('waiting', 'claimed');

-- One mail to one recipient, rendered once.
CREATE TABLE delivery (
    id                uuid PRIMARY KEY,            -- also the local part of its Message-ID
    position          bigint GENERATED ALWAYS AS IDENTITY,
    tenant            text NOT NULL,
    appointment_id    uuid NOT NULL REFERENCES appointment,
    audience          text NOT NULL CHECK (audience IN ('citizen', 'clerk')),
    kind              text NOT NULL,
    state             text NOT NULL DEFAULT 'queued' CHECK (state IN (
                          'queued', 'claimed', 'retry_wait', 'unknown', 'accepted', 'assumed_delivered', 'bounced',
                          'failed', 'suppressed', 'expired')),
    subject_key       text NOT NULL,               -- what it is about
    recipient         text,                        -- envelope address; null once erased
    recipient_hash    text NOT NULL,
    recipient_shown   text,                        -- masked, for lists; null once erased
    message           bytea,                       -- as it goes over the wire; null once erased
    calendar_uid      text,
    calendar_sequence int,
    calendar_method   text CHECK (calendar_method IN ('PUBLISH', 'REQUEST', 'CANCEL')),
    time_zone         text NOT NULL,
    expires_at        timestamptz,                 -- of no use from then on
    resend_number     int NOT NULL DEFAULT 0,
    tries             int NOT NULL DEFAULT 0,
    due_at            timestamptz NOT NULL,
    claim             uuid,
    lease_until       timestamptz,
    data_started_at   timestamptz,                 -- from then on it may have arrived
    cause             text,
    smtp_code         int,
    created_at        timestamptz NOT NULL,
    settled_at        timestamptz,                 -- accepted, or given up
    UNIQUE (subject_key, recipient_hash, resend_number), -- nothing is told twice, but by a person's will
    CHECK ((state = 'claimed') = (claim IS NOT NULL)),
    CHECK ((state = 'claimed') = (lease_until IS NOT NULL)),
    CHECK ((calendar_uid IS NULL) = (calendar_method IS NULL)),
    CHECK (message IS NOT NULL AND recipient IS NOT NULL OR state NOT IN ('queued', 'claimed', 'retry_wait', 'unknown')),
    CHECK ((settled_at IS NULL) = (state IN ('queued', 'claimed', 'retry_wait', 'unknown')))
);
CREATE INDEX delivery_due ON delivery (due_at) WHERE state IN ('queued', 'retry_wait', 'unknown');
CREATE INDEX delivery_leases ON delivery (lease_until) WHERE state = 'claimed';
CREATE INDEX delivery_lane ON delivery (calendar_uid, recipient_hash, position) WHERE calendar_uid IS NOT NULL;
CREATE INDEX delivery_by_appointment ON delivery (appointment_id, position);
CREATE INDEX delivery_settled ON delivery (settled_at) WHERE settled_at IS NOT NULL;

-- Addresses that a server refused for good: reminders no longer try them. An accepted mail takes the row away.
CREATE TABLE suppression (
    tenant         text NOT NULL,
    recipient_hash text NOT NULL,
    cause          text NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, recipient_hash)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON tenant, appointment, notice, delivery, suppression TO :app_role;
