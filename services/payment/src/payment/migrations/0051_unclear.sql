-- Since when it has not been known what became of an attempt; null while that is known. After 15 minutes the citizen is told.

ALTER TABLE attempt ADD COLUMN unclear_since timestamptz;
UPDATE attempt SET unclear_since = updated_at
    WHERE state IN ('opening', 'closing', 'authorising', 'voiding') OR (tries > 0 AND due_at IS NOT NULL);
CREATE INDEX attempt_unclear ON attempt (unclear_since) WHERE unclear_since IS NOT NULL;
CREATE INDEX payment_under_way ON payment (updated_at) WHERE state IN ('expiring', 'capturing', 'voiding');
