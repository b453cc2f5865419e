-- What of the online payment was told to be given back, whether it has arrived or not: refunds may wait for an approval.
ALTER TABLE appointment ADD COLUMN returned_cents int NOT NULL DEFAULT 0 CHECK (returned_cents >= 0);
