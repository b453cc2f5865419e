-- An invitation is made once and has no states that notify would follow, so it has no projection: its mails and notices
-- name it instead of an appointment.
ALTER TABLE notice ALTER COLUMN appointment_id DROP NOT NULL;
ALTER TABLE notice ADD COLUMN invitation_id uuid;
ALTER TABLE notice ADD CONSTRAINT notice_is_about_one CHECK (num_nonnulls(appointment_id, invitation_id) = 1);

ALTER TABLE delivery ALTER COLUMN appointment_id DROP NOT NULL;
ALTER TABLE delivery ADD COLUMN invitation_id uuid;
ALTER TABLE delivery ADD CONSTRAINT delivery_is_about_one CHECK (num_nonnulls(appointment_id, invitation_id) = 1);
CREATE INDEX delivery_by_invitation ON delivery (invitation_id, position) WHERE invitation_id IS NOT NULL;

-- An offer of an earlier time has no calendar part, yet is about one revision of the citizen's entry: it waits for its
-- turn with the others, and the next revision supersedes it.
ALTER TABLE delivery DROP CONSTRAINT delivery_check2;
ALTER TABLE delivery ADD CONSTRAINT delivery_method_has_entry CHECK (calendar_method IS NULL OR calendar_uid IS NOT NULL);
