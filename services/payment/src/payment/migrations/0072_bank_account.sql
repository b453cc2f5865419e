-- The treasury's account to which the providers pay out: only its own statements are read.

ALTER TABLE tenant ADD COLUMN iban text CHECK (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'); -- null: none is read
