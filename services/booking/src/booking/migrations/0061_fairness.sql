-- Against hoarding and trading. Of clients and persons only keyed hashes stand here, and not for long.

-- Reservations by client (a keyed hash of its address in the network). Deleted once no reservation can last any more.
CREATE TABLE open_hold (
    tenant         text NOT NULL,
    client_key     bytea NOT NULL,
    request_key    text NOT NULL,                  -- the Idempotency-Key: a repeated request is counted once
    appointment_id uuid,                           -- null while it is being held
    until          timestamptz NOT NULL,
    PRIMARY KEY (tenant, client_key, request_key)
);
CREATE INDEX open_hold_until ON open_hold (until);

-- The person's mail address or telephone number, folded, as a keyed hash: the same person, the same key. It goes with
-- the contact. Those of before this migration have none, and are not counted.
ALTER TABLE contact ADD COLUMN person_key bytea;
CREATE INDEX contact_by_person ON contact (tenant, person_key) WHERE person_key IS NOT NULL;

-- Challenges that were solved and spent: each works once, and is remembered as long as it would be valid.
CREATE TABLE used_challenge (
    nonce bytea PRIMARY KEY,
    until timestamptz NOT NULL
);
CREATE INDEX used_challenge_until ON used_challenge (until);

GRANT SELECT, INSERT, UPDATE, DELETE ON open_hold TO :app_role;
GRANT SELECT, INSERT, DELETE ON used_challenge TO :app_role;
