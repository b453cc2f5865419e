-- Tables of the kit, in each service's own database.

-- Facts to be told. Written in the transaction that makes them true; the relay publishes them to JetStream.
CREATE TABLE outbox (
    event_id     uuid PRIMARY KEY,                 -- also the Nats-Msg-Id
    position     bigint GENERATED ALWAYS AS IDENTITY,
    subject      text NOT NULL,
    payload      jsonb NOT NULL,                   -- ids and instants, never a person
    created_at   timestamptz NOT NULL DEFAULT now(),
    published_at timestamptz
);
CREATE INDEX outbox_unpublished ON outbox (position) WHERE published_at IS NULL;

-- Facts heard. One row for each event that was applied, in the transaction that applied it.
CREATE TABLE inbox (
    event_id    uuid PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbox_by_age ON inbox (received_at);

-- What a request with an Idempotency-Key was answered. Holds ids and no secret; tokens are made anew from ids.
CREATE TABLE idempotent_answer (
    scope       text NOT NULL,                     -- tenant and operation
    key         text NOT NULL,
    fingerprint bytea NOT NULL,                    -- SHA-256 of the request's body
    answer      jsonb,                             -- null while the first request is under way
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (scope, key)
);
CREATE INDEX idempotent_answer_by_age ON idempotent_answer (created_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON outbox, inbox, idempotent_answer TO :app_role;
