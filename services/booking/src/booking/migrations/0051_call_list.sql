-- Who must be called: the office cannot keep the visit, no colleague has the time, and there is no mail address. The
-- visit stays confirmed, and in conflict, until somebody has spoken with the citizen. Ids only.
CREATE TABLE call_list (
    id             uuid PRIMARY KEY,
    tenant         text NOT NULL,
    appointment_id uuid NOT NULL REFERENCES appointment ON DELETE CASCADE,
    lane_id        int NOT NULL,                   -- the visit as it stood: one that was moved needs no call
    starts_at      timestamptz NOT NULL,
    note           text NOT NULL DEFAULT '' CHECK (length(note) <= 500),  -- what to tell the citizen
    listed_at      timestamptz NOT NULL,
    done_at        timestamptz,
    done_by        text,                           -- a subject
    UNIQUE (appointment_id, lane_id, starts_at),
    CHECK ((done_at IS NULL) = (done_by IS NULL))
);
CREATE INDEX call_list_open ON call_list (tenant, starts_at) WHERE done_at IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON call_list TO :app_role;
