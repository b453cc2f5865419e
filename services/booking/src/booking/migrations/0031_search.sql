-- What a search finds: services, locations, and the public functions of clerks. A projection of the catalogue: a search
-- that meets a newer catalogue makes it anew. It reads one tenant's entries by the primary key and ranks them: some
-- hundred rows, however many tenants there are. So the index over all services of all tenants, which no query could
-- use, goes; `service.search_key` is written no more.
CREATE TABLE search_entry (
    tenant      text NOT NULL REFERENCES tenant,
    kind        text NOT NULL CHECK (kind IN ('service', 'location', 'function')),
    id          uuid NOT NULL,
    name        text NOT NULL,
    unit        text NOT NULL,                     -- of a function
    clerk       text,                              -- only where the tenant publishes names
    location_id uuid REFERENCES location,
    sort_key    text NOT NULL,                     -- folded name
    phrases     text[] NOT NULL,                   -- folded: what it is called, in any language
    words       text NOT NULL,                     -- of the phrases, with umlauts written out and without
    context     text NOT NULL,                     -- words of what it belongs to: life situation, unit, address
    PRIMARY KEY (tenant, kind, id)
);
ALTER TABLE tenant ADD COLUMN search_version int NOT NULL DEFAULT 0;    -- the catalogue_version that the entries are of

DROP INDEX service_search;
ALTER TABLE service ALTER COLUMN search_key SET DEFAULT '';

GRANT SELECT, INSERT, UPDATE, DELETE ON search_entry TO :app_role;
