-- A visit that stands where nothing is open any more, or whose fee is another one now. The booking is never touched: a
-- clerk resolves it with the citizen. Ids only.
--
-- No foreign key to the appointment: a change of rules writes this with masks locked, and the house's order is the
-- appointment first.
CREATE TABLE conflict (
    id             uuid PRIMARY KEY,
    tenant         text NOT NULL REFERENCES tenant,
    appointment_id uuid NOT NULL,
    lane_id        int NOT NULL,
    starts_at      timestamptz NOT NULL,           -- the visit as it stood then: one that moved is resolved
    ends_at        timestamptz NOT NULL,
    cause          text NOT NULL CHECK (cause IN
                       ('opening_hours', 'exception', 'holiday', 'custom', 'closure', 'clock_change', 'absence', 'fee')),
    detail         text NOT NULL DEFAULT '',       -- the closure's reason, the holiday's name
    found_at       timestamptz NOT NULL,
    resolved_at    timestamptz
);
CREATE UNIQUE INDEX conflict_open ON conflict (tenant, appointment_id, lane_id, (cause = 'fee'))
    WHERE resolved_at IS NULL;
CREATE INDEX conflict_by_appointment ON conflict (appointment_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON conflict TO :app_role;
