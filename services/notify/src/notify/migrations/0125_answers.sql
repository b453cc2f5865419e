-- A clerk may say the same again, after somebody decided over the first answer: which mails said it tells that from one
-- mail that came by two ways. SHA-256 of their Message-IDs.
ALTER TABLE clerk_answer ADD COLUMN mails text[] NOT NULL DEFAULT '{}';
