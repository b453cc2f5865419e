-- Until the binding step ("Angaben prüfen") a contact is a draft that nobody writes to.
ALTER TABLE contact ADD COLUMN bound_at timestamptz;
-- In the citizen's own words, so it goes with the person.
ALTER TABLE contact ADD COLUMN cancellation_reason text CHECK (length(cancellation_reason) <= 500);
