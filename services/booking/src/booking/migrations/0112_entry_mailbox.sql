-- The mailbox that a clerk's entry is for: when the clerk has another one, it must be withdrawn there.
-- Null: written by an older version; then it is the clerk's of today.
ALTER TABLE assignment ADD COLUMN email text;
UPDATE assignment SET email = clerk.email FROM clerk WHERE clerk.id = clerk_id AND starts_at > now();
