-- A clerk may keep a visit as it stands: the conflict is resolved by word, and not found again.
ALTER TABLE conflict ADD COLUMN accepted_by text;  -- staff:<subject>
ALTER TABLE conflict ADD CHECK (accepted_by IS NULL OR resolved_at IS NOT NULL);
