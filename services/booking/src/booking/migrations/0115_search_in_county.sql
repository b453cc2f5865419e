-- What a town does not do the county does, and the other way round: a search looks there as well. Tenants of a county
-- share the first five digits of their key.
CREATE INDEX tenant_county ON tenant (left(profile ->> 'ars', 5));

-- In a life situation what matters most stands first; without a place: after those that have one, by name.
ALTER TABLE service ADD COLUMN position smallint CHECK (position BETWEEN 1 AND 99);
