-- What several capabilities share: lanes without a clerk, the public's part of a mask, absences, the office's decisions.

-- A lane is a clerk, a counter that is nobody's own, or a resource (a room, a device) that a visit needs beside it.
ALTER TABLE lane ALTER COLUMN clerk_id DROP NOT NULL;
ALTER TABLE lane ADD COLUMN kind text NOT NULL DEFAULT 'clerk' CHECK (kind IN ('clerk', 'counter', 'resource'));
ALTER TABLE lane ADD COLUMN label text NOT NULL DEFAULT '';        -- what people call a counter or resource
ALTER TABLE lane ADD COLUMN resource_group text;                   -- any one of a group will do: "Trauzimmer"
ALTER TABLE lane ADD CONSTRAINT lane_is_somebody CHECK ((kind = 'clerk') = (clerk_id IS NOT NULL));
ALTER TABLE lane ADD CONSTRAINT lane_of_group CHECK ((kind = 'resource') = (resource_group IS NOT NULL));
CREATE UNIQUE INDEX lane_label ON lane (location_id, label) WHERE kind <> 'clerk';

-- Which group of resources an offering needs beside the clerk.
CREATE TABLE offering_resource (
    offering_id    uuid NOT NULL REFERENCES offering ON DELETE CASCADE,
    resource_group text NOT NULL,
    PRIMARY KEY (offering_id, resource_group)
);

-- The member of the staff whose token has this subject.
ALTER TABLE clerk ADD COLUMN subject text;
CREATE UNIQUE INDEX clerk_by_subject ON clerk (tenant, subject) WHERE subject IS NOT NULL;

-- Steps that the public may book; the rest of `open` is for the staff's own bookings. All ones: no limit.
ALTER TABLE day_mask ADD COLUMN public bit(288) NOT NULL DEFAULT (repeat('1', 288))::bit(288);

-- A clerk is away (Abwesenheit). Why is nobody's business here.
CREATE TABLE absence (
    id         uuid PRIMARY KEY,
    tenant     text NOT NULL REFERENCES tenant,
    clerk_id   uuid NOT NULL REFERENCES clerk,
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL CHECK (ends_at > starts_at),
    created_by text NOT NULL,                      -- a subject
    created_at timestamptz NOT NULL,
    ended_at   timestamptz                         -- taken back
);
CREATE INDEX absence_by_clerk ON absence (clerk_id, starts_at);

ALTER TABLE appointment ADD COLUMN booked_via text NOT NULL DEFAULT 'online'
    CHECK (booked_via IN ('online', 'phone', 'counter', 'walk_in', 'waitlist'));
ALTER TABLE appointment ADD COLUMN overbooked boolean NOT NULL DEFAULT false;
ALTER TABLE appointment ADD COLUMN rebook_until timestamptz CHECK (rebook_until IS NULL OR state = 'cancelled_by_office');
ALTER TABLE appointment ADD COLUMN office_note text NOT NULL DEFAULT '' CHECK (length(office_note) <= 500);
CREATE INDEX appointment_rebooking ON appointment (rebook_until) WHERE rebook_until IS NOT NULL;

-- A grant to manage stands in pages and mails; one to activate is sent to the address that it proves, and nowhere else.
ALTER TABLE access_grant ADD COLUMN scope text NOT NULL DEFAULT 'manage' CHECK (scope IN ('manage', 'activate'));
ALTER TABLE contact ADD COLUMN verified_at timestamptz;    -- the address was proved by its link

GRANT SELECT, INSERT, UPDATE, DELETE ON offering_resource TO :app_role;
GRANT SELECT, INSERT, UPDATE ON absence TO :app_role;
