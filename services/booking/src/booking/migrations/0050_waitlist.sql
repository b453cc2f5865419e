-- Waitlist (Warteliste): who wants to come earlier, the slots that cancelled visits left, and who is offered them.

-- What the citizen of a confirmed visit wishes; empty or null: no matter. It goes with the appointment.
CREATE TABLE waitlist_entry (
    appointment_id uuid PRIMARY KEY REFERENCES appointment ON DELETE CASCADE,
    tenant         text NOT NULL,
    weekdays       int[] NOT NULL DEFAULT '{}' CHECK (weekdays <@ ARRAY[1, 2, 3, 4, 5, 6, 7]),  -- ISO: Monday is 1
    from_time      time,
    to_time        time,
    not_before     date,
    created_at     timestamptz NOT NULL,
    CHECK (to_time > from_time)
);
CREATE INDEX waitlist_entry_by_age ON waitlist_entry (tenant, created_at);

-- A slot that a visit left and that is not free yet: an appointment of the clock's own holds it (booked_via 'waitlist',
-- no contact, never bound), so the guarantee and the masks know of nothing new, and it lapses like every reservation.
CREATE TABLE freed_slot (
    held_id   uuid PRIMARY KEY REFERENCES appointment ON DELETE CASCADE,
    tenant    text NOT NULL,
    public_at timestamptz NOT NULL,                -- not free for everybody before
    due_at    timestamptz                          -- when the worker looks who wants it; null: it only waits
);
CREATE INDEX freed_slot_due ON freed_slot (due_at) WHERE due_at IS NOT NULL;

-- To one citizen at a time, each slot once (Nachrückangebot).
CREATE TABLE earlier_offer (
    id             uuid PRIMARY KEY,
    tenant         text NOT NULL,
    appointment_id uuid NOT NULL REFERENCES appointment ON DELETE CASCADE,
    held_id        uuid NOT NULL REFERENCES appointment ON DELETE CASCADE,
    offered_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL CHECK (expires_at > offered_at),
    outcome        text CHECK (outcome IN ('taken', 'declined', 'lapsed')),  -- null: open
    settled_at     timestamptz,
    UNIQUE (appointment_id, held_id),
    CHECK ((outcome IS NULL) = (settled_at IS NULL))
);
CREATE UNIQUE INDEX earlier_offer_open ON earlier_offer (appointment_id) WHERE outcome IS NULL;
CREATE UNIQUE INDEX earlier_offer_of_slot ON earlier_offer (held_id) WHERE outcome IS NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON waitlist_entry, freed_slot, earlier_offer TO :app_role;
