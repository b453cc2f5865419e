-- How a clerk's calendar learns of visits: what the office gives, unless the clerk has chosen.
ALTER TABLE clerk ADD COLUMN calendar text NOT NULL DEFAULT 'invite' CHECK (calendar IN ('invite', 'digest', 'feed'));

CREATE TABLE clerk_calendar (
    clerk_id   uuid PRIMARY KEY REFERENCES clerk,
    tenant     text NOT NULL REFERENCES tenant,
    channel    text CHECK (channel IN ('invite', 'digest', 'feed')), -- null: nothing was chosen
    feed_id    uuid,                               -- the feed's token is made of it; a new id makes the old one void
    version    int NOT NULL DEFAULT 0,
    updated_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON clerk_calendar TO :app_role;

-- When this revision of the entry was made (DTSTAMP).
ALTER TABLE assignment ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX assignment_by_clerk ON assignment (clerk_id, starts_at) WHERE live;
