-- Clerks who want one mail a day, or a feed.

-- A feed that a clerk's calendar program subscribes to, by booking's newest word. The row stays when the feed ends, so that
-- an older event is known as such.
CREATE TABLE feed (
    clerk_id      uuid PRIMARY KEY,
    tenant        text NOT NULL,
    version       int NOT NULL,                    -- of the clerk's choice, as booking counts it
    token_hash    text UNIQUE,                     -- SHA-256; null: there is no feed (any more)
    revision      bigint NOT NULL DEFAULT 0,       -- grows with each change of the clerk's visits
    etag          text,                            -- of the bytes last written,
    etag_revision bigint,                          -- at this revision,
    etag_day      date                             -- on this local day
);

-- The digests of this day were written, in the same transaction.
CREATE TABLE digest_day (
    tenant     text NOT NULL,
    day        date NOT NULL,
    written_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, day)
);

ALTER TABLE delivery ADD COLUMN clerk_id uuid;
ALTER TABLE delivery DROP CONSTRAINT delivery_is_about_one;
ALTER TABLE delivery ADD CONSTRAINT delivery_is_about_one
    CHECK (num_nonnulls(appointment_id, invitation_id, clerk_id) = 1);

-- Whom a mail to a clerk names, where the tenant wants that: so that the person can be forgotten.
CREATE TABLE named_citizen (
    delivery_id    uuid NOT NULL REFERENCES delivery ON DELETE CASCADE,
    appointment_id uuid NOT NULL,
    PRIMARY KEY (appointment_id, delivery_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON feed, digest_day, named_citizen TO :app_role;
