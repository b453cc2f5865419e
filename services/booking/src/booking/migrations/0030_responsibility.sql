-- Who is responsible (Zuständigkeit). Rules are read and decided as a whole; the conditions are domain.responsibility_rules.
CREATE TABLE responsibility_rule (
    id             uuid PRIMARY KEY,               -- made of the tenant and the name: it outlives a change of the rule
    tenant         text NOT NULL REFERENCES tenant,
    name           text NOT NULL,
    priority       int NOT NULL,
    position       int NOT NULL,                   -- among equals of priority the first decides
    service_ids    uuid[] NOT NULL,                -- of each condition: any of these; none: any at all
    municipalities jsonb NOT NULL,
    postcodes      text[] NOT NULL,
    streets        jsonb NOT NULL,
    surnames       jsonb NOT NULL,
    unit_id        uuid REFERENCES organisational_unit,
    clerk_id       uuid REFERENCES clerk,
    deputy_id      uuid REFERENCES clerk,
    UNIQUE (tenant, name),
    CHECK ((unit_id IS NULL) <> (clerk_id IS NULL)),
    CHECK (deputy_id IS NULL OR deputy_id <> clerk_id)
);

-- By which rule the visit came to its clerk, so that moving it leaves it there. Null: it was nobody's in particular.
ALTER TABLE appointment ADD COLUMN responsibility_rule_id uuid;

GRANT SELECT, INSERT, UPDATE, DELETE ON responsibility_rule TO :app_role;
