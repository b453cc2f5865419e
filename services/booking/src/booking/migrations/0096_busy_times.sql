-- A clerk's own calendar, read by its published address: when the clerk is busy, and nothing else of it.
CREATE TABLE busy_source (
    clerk_id      uuid PRIMARY KEY REFERENCES clerk,
    tenant        text NOT NULL REFERENCES tenant,
    address       bytea NOT NULL,                  -- encrypted: who knows it reads along
    etag          text,                            -- as the calendar's server gave them, to ask for news alone
    last_modified text,
    due_at        timestamptz NOT NULL,
    read_at       timestamptz,                     -- the busy times are as of then
    failing_since timestamptz,
    cause         text,                            -- of the failure, in a word
    created_by    text NOT NULL,                   -- a subject
    created_at    timestamptz NOT NULL,
    CHECK ((failing_since IS NULL) = (cause IS NULL))
);
CREATE INDEX busy_source_due ON busy_source (due_at);

CREATE TABLE busy_time (
    clerk_id  uuid NOT NULL REFERENCES busy_source ON DELETE CASCADE,
    tenant    text NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL CHECK (ends_at > starts_at),
    PRIMARY KEY (clerk_id, starts_at)
);
CREATE INDEX busy_time_by_tenant ON busy_time (tenant, starts_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON busy_source, busy_time TO :app_role;
