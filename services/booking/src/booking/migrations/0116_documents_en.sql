-- What to bring, in English: as many as in German and in their order, or none where nobody translated them.
ALTER TABLE service ADD COLUMN documents_en text[] NOT NULL DEFAULT '{}';
