-- A tenant's rule set in versions. A rule that is changed is retired and another one begins; nothing is overwritten, so
-- every version can be read again: its rules are those with since_version <= v and (until_version is null or > v).

CREATE TABLE rule_change (
    tenant     text NOT NULL REFERENCES tenant,
    version    int NOT NULL CHECK (version > 0),   -- 0 is what stood before versions were kept
    changed_by text NOT NULL,                      -- staff:<subject>, configure
    changed_at timestamptz NOT NULL,
    note       text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    file_rules jsonb,                              -- what the files said, where `configure` brought the change
    PRIMARY KEY (tenant, version)
);

ALTER TABLE opening_rule
    DROP CONSTRAINT opening_rule_check,            -- closes > opens: a span may go on after midnight
    ADD CHECK (closes <> opens),
    ADD COLUMN every_weeks int NOT NULL DEFAULT 1 CHECK (every_weeks BETWEEN 1 AND 52),
    ADD COLUMN anchor date,                        -- a day of a week in which it holds
    ADD COLUMN nth int CHECK (nth BETWEEN 1 AND 5 OR nth = -1),
    ADD COLUMN school_holidays text NOT NULL DEFAULT 'always'
        CHECK (school_holidays IN ('always', 'only_in_school_holidays', 'not_in_school_holidays')),
    ADD COLUMN audience text NOT NULL DEFAULT 'public' CHECK (audience IN ('public', 'internal')),
    ADD COLUMN since_version int NOT NULL DEFAULT 0,
    ADD COLUMN until_version int CHECK (until_version > since_version),
    ADD CHECK ((every_weeks > 1) = (anchor IS NOT NULL));
CREATE INDEX opening_rule_by_tenant ON opening_rule (tenant);

ALTER TABLE closure
    DROP CONSTRAINT closure_tenant_location_id_day_reason_key,
    ADD COLUMN last_day date CHECK (last_day > day), -- null: `day` alone
    ADD COLUMN since_version int NOT NULL DEFAULT 0,
    ADD COLUMN until_version int CHECK (until_version > since_version),
    ADD CHECK (closed_to > closed_from);
CREATE UNIQUE INDEX closure_current ON closure (tenant, location_id, day, closed_from, reason) NULLS NOT DISTINCT
    WHERE until_version IS NULL;

CREATE INDEX closure_by_tenant ON closure (tenant);

-- Holidays and customs are worked out, no longer kept as closures.
DELETE FROM closure WHERE location_id IS NULL AND closed_to = '24:00' AND reason IN (
    'Weiberfastnacht', 'Rosenmontag', 'Karfreitag', 'Ostermontag', 'Christi Himmelfahrt', 'Pfingstmontag',
    'Fronleichnam', 'Neujahr', 'Tag der Arbeit', 'Tag der Deutschen Einheit', 'Allerheiligen', 'Heiligabend',
    'Erster Weihnachtstag', 'Zweiter Weihnachtstag', 'Silvester');

-- Other hours on a certain day; they replace the rules of that day.
CREATE TABLE schedule_exception (
    id            uuid PRIMARY KEY,
    tenant        text NOT NULL REFERENCES tenant,
    location_id   uuid NOT NULL REFERENCES location,
    lane_id       int REFERENCES lane,             -- null: all lanes of the location
    day           date NOT NULL,
    hours         jsonb NOT NULL,                  -- [{opens, closes, audience}]
    reason        text NOT NULL DEFAULT '' CHECK (length(reason) <= 200),
    since_version int NOT NULL,
    until_version int CHECK (until_version > since_version)
);
CREATE UNIQUE INDEX schedule_exception_current ON schedule_exception (tenant, location_id, lane_id, day)
    NULLS NOT DISTINCT WHERE until_version IS NULL;
CREATE INDEX schedule_exception_by_tenant ON schedule_exception (tenant);

-- Days on which a tenant is closed every year, though no law says so.
CREATE TABLE closing_custom (
    id            uuid PRIMARY KEY,
    tenant        text NOT NULL REFERENCES tenant,
    custom        text NOT NULL CHECK (custom IN
                      ('weiberfastnacht', 'rosenmontag', 'veilchendienstag', 'heiligabend', 'silvester')),
    closed_from   time NOT NULL DEFAULT '00:00',
    since_version int NOT NULL DEFAULT 0,
    until_version int CHECK (until_version > since_version)
);
CREATE UNIQUE INDEX closing_custom_current ON closing_custom (tenant, custom) WHERE until_version IS NULL;
CREATE INDEX closing_custom_by_tenant ON closing_custom (tenant);

INSERT INTO closing_custom (id, tenant, custom, closed_from)
SELECT gen_random_uuid(), slug, custom, closed_from
FROM tenant, (VALUES ('weiberfastnacht', time '12:00'), ('rosenmontag', '00:00'), ('heiligabend', '00:00'),
                     ('silvester', '00:00')) AS usual (custom, closed_from);

GRANT SELECT, INSERT ON rule_change TO :app_role;
GRANT SELECT, INSERT, UPDATE ON schedule_exception, closing_custom TO :app_role;

CREATE INDEX absence_by_end ON absence (tenant, ends_at);
