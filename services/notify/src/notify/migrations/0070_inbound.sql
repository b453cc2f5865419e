-- Answers: what comes back into the service mailbox. No address, no subject, no text: ids, fingerprints and reasons.

-- How far each mailbox was read. UIDs grow as long as UIDVALIDITY stays (RFC 3501).
CREATE TABLE mailbox_cursor (
    mailbox      text PRIMARY KEY,                 -- host, account and folder
    uid_validity bigint NOT NULL,
    last_uid     bigint NOT NULL,
    read_at      timestamptz NOT NULL,
    reader       uuid,                             -- who looks into it now, until the lease runs out
    lease_until  timestamptz,
    CHECK ((reader IS NULL) = (lease_until IS NULL))
);

-- Each mail that was read. A mailbox that was rebuilt shows the same mails under other UIDs, and servers double some:
-- their bytes tell, and only the first has an effect.
CREATE TABLE inbound_mail (
    mailbox      text NOT NULL,
    uid_validity bigint NOT NULL,
    uid          bigint NOT NULL,
    hash         text NOT NULL,                    -- SHA-256 of the mail
    verdict      text NOT NULL CHECK (verdict IN ('report', 'answer', 'automatic', 'people')),
    reason       text NOT NULL,                    -- `again`: the same mail was taken before
    delivery_id  uuid,                             -- our mail that it is about, where it is about one
    taken_at     timestamptz NOT NULL,
    filed_at     timestamptz,                      -- it was moved out of the inbox
    PRIMARY KEY (mailbox, uid_validity, uid)
);
CREATE UNIQUE INDEX inbound_mail_once ON inbound_mail (hash) WHERE reason <> 'again';
CREATE INDEX inbound_mail_to_file ON inbound_mail (mailbox, uid) WHERE filed_at IS NULL AND verdict <> 'people';
CREATE INDEX inbound_mail_by_age ON inbound_mail (taken_at);

-- What a clerk said about a revision of a calendar entry, by the newest answer.
CREATE TABLE clerk_answer (
    calendar_uid text NOT NULL,
    sequence     int NOT NULL,
    answer       text NOT NULL CHECK (answer IN ('accepted', 'tentative', 'declined', 'countered', 'delegated')),
    answered_at  timestamptz NOT NULL,
    PRIMARY KEY (calendar_uid, sequence)
);
CREATE INDEX clerk_answer_by_age ON clerk_answer (answered_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON mailbox_cursor, inbound_mail, clerk_answer TO :app_role;
