-- Invitation links (Einladung): staff let somebody book a certain service, once; also one that is in no list.

CREATE TABLE invitation (
    id             uuid PRIMARY KEY,               -- the link's token is made of it; nothing secret is stored
    tenant         text NOT NULL REFERENCES tenant,
    location_id    uuid,                           -- null: wherever it is offered
    clerk_id       uuid,                           -- null: whoever serves it
    email          text,                           -- personal, and so is the note: both are gone once the link is
    language       text NOT NULL CHECK (language ~ '^[a-z]{2}$'),
    note           text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    created_by     text NOT NULL,                  -- a subject
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL CHECK (expires_at > created_at),
    withdrawn_at   timestamptz,
    used_at        timestamptz,                    -- an appointment was confirmed by it
    appointment_id uuid,                           -- which one
    CHECK ((used_at IS NULL) = (appointment_id IS NULL)),
    CHECK (used_at IS NULL OR withdrawn_at IS NULL)
);
CREATE INDEX invitation_by_tenant ON invitation (tenant, id);
CREATE INDEX invitation_to_clear ON invitation (expires_at) WHERE email IS NOT NULL OR note <> '';

CREATE TABLE invitation_item (
    invitation_id uuid NOT NULL REFERENCES invitation ON DELETE CASCADE,
    position      int NOT NULL,
    service_id    uuid NOT NULL,
    quantity      int NOT NULL CHECK (quantity > 0),
    PRIMARY KEY (invitation_id, position)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON invitation, invitation_item TO :app_role;
