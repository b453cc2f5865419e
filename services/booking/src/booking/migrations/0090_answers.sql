-- What comes back by mail. Mails to this person were refused or returned: phone instead. It goes with the person, and
-- with the address.
ALTER TABLE contact ADD COLUMN mail_failed_at timestamptz;

-- A clerk said no to a visit: somebody has to find another one, or speak with the clerk. Ids only.
CREATE TABLE reassign_task (
    id             uuid PRIMARY KEY,
    tenant         text NOT NULL REFERENCES tenant,
    appointment_id uuid NOT NULL REFERENCES appointment ON DELETE CASCADE,
    assignment_id  uuid NOT NULL REFERENCES assignment ON DELETE CASCADE,
    sequence       int NOT NULL,                   -- the revision that was declined; a later one is not
    answer         text NOT NULL CHECK (answer IN ('declined', 'countered', 'delegated', 'link')),
    owner_id       uuid REFERENCES clerk,          -- the deputy; null: the leads of the visit's unit
    due_at         timestamptz NOT NULL,
    created_at     timestamptz NOT NULL,
    closed_at      timestamptz,
    closed_by      text,                           -- staff:<subject>, or clock: it came to an end by itself
    outcome        text CHECK (outcome IN ('reassigned', 'kept', 'moot')),
    UNIQUE (assignment_id, sequence),              -- told twice, it is one task
    CHECK ((closed_at IS NULL) = (closed_by IS NULL) AND (closed_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX reassign_task_open ON reassign_task (tenant, due_at, id) WHERE closed_at IS NULL;
CREATE INDEX reassign_task_by_appointment ON reassign_task (appointment_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON reassign_task TO :app_role;
