-- Statistics without persons. A fact is written in the transaction of what happened and names nobody, neither the
-- appointment; the worker soon folds it into counters and deletes it, so that erasure changes no figure.

CREATE TABLE statistic_fact (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant       text NOT NULL,
    at           timestamptz NOT NULL,
    measure      text NOT NULL,
    count        int NOT NULL,                     -- -1: an earlier fact was a mistake, or holds no longer
    amount_cents bigint NOT NULL,
    category     text NOT NULL,                    -- who did it, or how it was paid
    location_id  uuid NOT NULL,
    visit_at     timestamptz NOT NULL,
    time_zone    text NOT NULL,
    booked_via   text NOT NULL,
    channel      text NOT NULL,
    payment_mode text NOT NULL,
    service_ids  uuid[] NOT NULL,                  -- of a booking alone, as the quantities
    quantities   int[] NOT NULL
);

-- One figure of one local day: of all, or of one category of one breakdown. Never two breakdowns at once, so that no
-- combination of traits points at somebody.
CREATE TABLE statistic_count (
    tenant    text NOT NULL,
    day       date NOT NULL,
    measure   text NOT NULL,
    breakdown text NOT NULL,                       -- '': all
    category  text NOT NULL,
    count     bigint NOT NULL,
    amount    bigint NOT NULL,                     -- cents, minutes, days or pieces, as the measure has it
    PRIMARY KEY (tenant, day, measure, breakdown, category)
);

-- Days that are over and counted (visits, capacity, waiting time): once.
CREATE TABLE statistic_day (
    tenant text NOT NULL,
    day    date NOT NULL,
    PRIMARY KEY (tenant, day)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON statistic_fact TO :app_role;  -- a claim locks, which PostgreSQL calls UPDATE
GRANT SELECT, INSERT, UPDATE ON statistic_count TO :app_role;
GRANT SELECT, INSERT ON statistic_day TO :app_role;
