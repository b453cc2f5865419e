-- Booking's own tables. Words: services/booking/README.md. Invariants stand in the database where it can hold them.

CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- Tenant and catalogue: written by `configure`, read by everyone -------------------------------------------------

CREATE TABLE tenant (
    slug       text PRIMARY KEY CHECK (slug ~ '^[a-z0-9-]{2,40}$'),
    profile    jsonb NOT NULL,                     -- contracts.tenant.TenantProfile
    position   int NOT NULL DEFAULT 0,             -- order in lists
    catalogue_version int NOT NULL DEFAULT 0       -- grows with each change of the tenant's catalogue or rules
);

CREATE TABLE organisational_unit (
    id         uuid PRIMARY KEY,
    tenant     text NOT NULL REFERENCES tenant,
    parent_id  uuid REFERENCES organisational_unit,
    name       text NOT NULL,
    UNIQUE (tenant, name)
);

CREATE TABLE location (
    id         uuid PRIMARY KEY,
    tenant     text NOT NULL REFERENCES tenant,
    name       text NOT NULL,
    street     text NOT NULL,
    postcode   text NOT NULL,
    city       text NOT NULL,
    time_zone  text NOT NULL DEFAULT 'Europe/Berlin',
    UNIQUE (tenant, name)
);

CREATE TABLE service (
    id              uuid PRIMARY KEY,
    tenant          text NOT NULL REFERENCES tenant,
    name            text NOT NULL,
    name_en         text NOT NULL DEFAULT '',
    kind            text NOT NULL CHECK (kind IN ('visit', 'walk_in_or_visit', 'online', 'surcharge')),
    leika           text CHECK (leika ~ '^99[0-9]{12}$'),
    life_situations text[] NOT NULL DEFAULT '{}',
    synonyms        text[] NOT NULL DEFAULT '{}',
    documents       text[] NOT NULL DEFAULT '{}',
    channels        text[] NOT NULL DEFAULT '{on_site}',
    fee_kind        text NOT NULL CHECK (fee_kind IN ('fixed', 'none', 'on_request')),
    payment_policy  text NOT NULL CHECK (payment_policy IN
                        ('none', 'online_required', 'online_optional', 'counter', 'after_decision')),
    accounting      jsonb NOT NULL DEFAULT '{}',   -- the treasury's keys
    online_url      text,                          -- where an online service is used
    letter          text NOT NULL,                 -- A-Z
    offered         boolean NOT NULL DEFAULT true, -- false: no longer in the catalogue; kept for old appointments
    sort_key        text NOT NULL,                 -- folded name
    search_key      text NOT NULL,                 -- folded name, synonyms, life situations
    UNIQUE (tenant, name)
);
CREATE INDEX service_search ON service USING gin (search_key gin_trgm_ops);

-- A fee is dated: a visit costs what is valid on its day.
CREATE TABLE service_fee (
    service_id   uuid NOT NULL REFERENCES service ON DELETE CASCADE,
    amount_cents int NOT NULL CHECK (amount_cents >= 0),
    valid        daterange NOT NULL,
    EXCLUDE USING gist (service_id WITH =, valid WITH &&)
);

-- A service at a unit and location (Leistungsangebot). Durations are minutes on the five-minute grid.
CREATE TABLE offering (
    id              uuid PRIMARY KEY,
    tenant          text NOT NULL REFERENCES tenant,
    service_id      uuid NOT NULL REFERENCES service,
    unit_id         uuid NOT NULL REFERENCES organisational_unit,
    location_id     uuid NOT NULL REFERENCES location,
    duration_min    int NOT NULL CHECK (duration_min > 0 AND duration_min % 5 = 0),
    extra_item_min  int NOT NULL CHECK (extra_item_min >= 0 AND extra_item_min % 5 = 0),
    max_quantity    int NOT NULL CHECK (max_quantity BETWEEN 1 AND 20),
    buffer_min      int NOT NULL DEFAULT 0 CHECK (buffer_min >= 0 AND buffer_min % 5 = 0),
    step_min        int NOT NULL DEFAULT 15 CHECK (step_min > 0 AND step_min % 5 = 0),
    notice_min      int NOT NULL DEFAULT 120 CHECK (notice_min >= 0),
    window_days     int NOT NULL DEFAULT 60 CHECK (window_days BETWEEN 1 AND 400),
    UNIQUE (service_id, location_id)
);

CREATE TABLE clerk (
    id              uuid PRIMARY KEY,
    tenant          text NOT NULL REFERENCES tenant,
    unit_id         uuid NOT NULL REFERENCES organisational_unit,
    display_name    text NOT NULL,
    email           text NOT NULL,
    public_function text NOT NULL DEFAULT '',
    UNIQUE (tenant, display_name)
);

-- One unit of parallel capacity (Kapazitätsspur): a clerk at a place.
CREATE TABLE lane (
    id          int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant      text NOT NULL REFERENCES tenant,
    location_id uuid NOT NULL REFERENCES location,
    clerk_id    uuid NOT NULL REFERENCES clerk,
    room        text,
    UNIQUE (location_id, clerk_id)
);

-- Which offerings a lane serves (Befähigung).
CREATE TABLE skill (
    lane_id     int NOT NULL REFERENCES lane ON DELETE CASCADE,
    offering_id uuid NOT NULL REFERENCES offering ON DELETE CASCADE,
    PRIMARY KEY (offering_id, lane_id)
);

-- Local wall time. `lane_id` null: for all lanes of the location that have no rule of their own.
CREATE TABLE opening_rule (
    id          uuid PRIMARY KEY,
    tenant      text NOT NULL REFERENCES tenant,
    location_id uuid NOT NULL REFERENCES location,
    lane_id     int REFERENCES lane,
    weekday     int NOT NULL CHECK (weekday BETWEEN 1 AND 7),  -- ISO: Monday is 1
    opens       time NOT NULL,
    closes      time NOT NULL CHECK (closes > opens),
    valid       daterange NOT NULL DEFAULT daterange(NULL, NULL)
);

-- A closed day or part of one (Schließung); `location_id` null: the whole tenant.
CREATE TABLE closure (
    id          uuid PRIMARY KEY,
    tenant      text NOT NULL REFERENCES tenant,
    location_id uuid REFERENCES location,
    day         date NOT NULL,
    closed_from time NOT NULL DEFAULT '00:00',
    closed_to   time NOT NULL DEFAULT '24:00',
    reason      text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (tenant, location_id, day, reason)
);

-- Capacity: a projection of rules and occupation, one bit for each five minutes of the local day ---------------------

CREATE TABLE day_mask (
    lane_id int NOT NULL REFERENCES lane ON DELETE CASCADE,
    day     date NOT NULL,
    tenant  text NOT NULL,
    open    bit(288) NOT NULL,
    free    bit(288) NOT NULL CHECK (free & ~open = 0::bit(288)),
    PRIMARY KEY (lane_id, day)
) WITH (fillfactor = 70);                          -- room for HOT updates

-- Appointments -----------------------------------------------------------------------------------------------------
-- They name catalogue rows by id alone: each foreign key would cost a hold a twentieth of its time. The application may
-- not delete catalogue rows (see the grants), so no id ever dangles.

CREATE TABLE appointment (
    id                 uuid PRIMARY KEY,
    tenant             text NOT NULL,
    number             text NOT NULL,              -- what people read out: unique in the tenant
    state              text NOT NULL CHECK (state IN (
                           'held', 'awaiting_email', 'awaiting_payment', 'confirmed', 'checked_in', 'in_service',
                           'completed', 'no_show', 'expired', 'cancelled_by_citizen', 'cancelled_by_office')),
    version            int NOT NULL DEFAULT 1,
    location_id        uuid NOT NULL,
    unit_id            uuid NOT NULL,
    lane_id            int NOT NULL,
    channel            text NOT NULL DEFAULT 'on_site' CHECK (channel IN ('on_site', 'phone', 'video')),
    starts_at          timestamptz NOT NULL,
    ends_at            timestamptz NOT NULL,
    time_zone          text NOT NULL,
    fee_cents          int,                        -- as quoted for the day of the visit; null: none or on request
    fee_kind           text NOT NULL,
    payment_policy     text NOT NULL,
    payment_mode       text NOT NULL DEFAULT 'none'
                           CHECK (payment_mode IN ('none', 'counter', 'online', 'after_decision')),
    payment_id         uuid,
    payment_state      text,                       -- as payment names it
    payment_version    int NOT NULL DEFAULT 0,     -- newest payment event applied
    payment_next_url   text,
    treasury_reference text,
    paid_cents         int NOT NULL DEFAULT 0,
    refunded_cents     int NOT NULL DEFAULT 0,
    citizen_uid        uuid NOT NULL,              -- calendar entry of the citizen; kept through a reschedule
    citizen_sequence   int NOT NULL DEFAULT 0,
    held_at            timestamptz NOT NULL,
    expires_at         timestamptz,                -- set exactly while the slot is only reserved
    extension_count    int NOT NULL DEFAULT 0,
    return_url         text,
    unfinished_told_at timestamptz,                -- the mail "go on with your payment" was asked for
    reminded_at        timestamptz,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    UNIQUE (tenant, number),
    CHECK (ends_at > starts_at),
    CHECK ((expires_at IS NOT NULL) = (state IN ('held', 'awaiting_email', 'awaiting_payment')))
);
CREATE INDEX appointment_expiry ON appointment (tenant, expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX appointment_by_payment ON appointment (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX appointment_by_start ON appointment (tenant, starts_at);

CREATE TABLE appointment_item (
    appointment_id uuid NOT NULL REFERENCES appointment ON DELETE CASCADE,
    position       int NOT NULL,
    service_id     uuid NOT NULL,
    offering_id    uuid NOT NULL,
    quantity       int NOT NULL CHECK (quantity > 0),
    duration_min   int NOT NULL,
    fee_cents      int,                            -- of one; null: none or on request
    PRIMARY KEY (appointment_id, position)
);

-- The person, apart from the appointment, so that erasure reaches one row.
CREATE TABLE contact (
    appointment_id uuid PRIMARY KEY REFERENCES appointment ON DELETE CASCADE,
    tenant         text NOT NULL REFERENCES tenant,
    given_name     text NOT NULL,
    family_name    text NOT NULL,
    organisation   text,
    email          text,
    phone          text,
    language       text NOT NULL CHECK (language ~ '^[a-z]{2}$'),
    CHECK (email IS NOT NULL OR phone IS NOT NULL)
);

-- The guarantee: no two live appointments of one lane overlap, buffers included, whatever the code does.
-- A row leaves when its appointment dies.
CREATE TABLE occupation (
    appointment_id uuid NOT NULL REFERENCES appointment ON DELETE CASCADE,
    lane_id        int NOT NULL,
    during         tstzrange NOT NULL CHECK (NOT isempty(during)),
    PRIMARY KEY (appointment_id, lane_id),
    EXCLUDE USING gist (lane_id WITH =, during WITH &&)
);

-- Who of the house sees it in a calendar. A new clerk is a new assignment with a new UID; the old one stays, not live.
CREATE TABLE assignment (
    id             uuid PRIMARY KEY,               -- also the local part of the calendar UID
    appointment_id uuid NOT NULL REFERENCES appointment ON DELETE CASCADE,
    clerk_id       uuid NOT NULL REFERENCES clerk,
    sequence       int NOT NULL DEFAULT 0,
    starts_at      timestamptz NOT NULL,
    ends_at        timestamptz NOT NULL,
    live           boolean NOT NULL DEFAULT true
);
CREATE UNIQUE INDEX assignment_live ON assignment (appointment_id, clerk_id) WHERE live;

-- Zugriffslink: the token is made of the id under a server key; nothing secret is stored.
CREATE TABLE access_grant (
    id             uuid PRIMARY KEY,
    tenant         text NOT NULL,
    appointment_id uuid NOT NULL REFERENCES appointment ON DELETE CASCADE,
    expires_at     timestamptz NOT NULL,
    revoked_at     timestamptz
);
CREATE INDEX access_grant_by_appointment ON access_grant (appointment_id);

-- What payment must be told: POSTed by the worker with the key `<appointment>:<version>:<verb>` until a final answer.
CREATE TABLE payment_command (
    id             uuid PRIMARY KEY,
    appointment_id uuid NOT NULL REFERENCES appointment ON DELETE CASCADE,
    version        int NOT NULL,
    verb           text NOT NULL CHECK (verb IN ('capture', 'cancel', 'refund')),
    payment_id     uuid NOT NULL,
    amount_cents   int,
    reason         text,
    tries          int NOT NULL DEFAULT 0,
    due_at         timestamptz NOT NULL,
    done_at        timestamptz,
    outcome        text,
    UNIQUE (appointment_id, version, verb)
);
CREATE INDEX payment_command_due ON payment_command (due_at) WHERE done_at IS NULL;

-- Protokoll: append-only, ids only.
CREATE TABLE audit_event (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant         text NOT NULL,
    appointment_id uuid NOT NULL,
    version        int NOT NULL,
    actor          text NOT NULL,                  -- citizen, staff:<subject>, payment, clock
    action         text NOT NULL,
    at             timestamptz NOT NULL
);
CREATE INDEX audit_event_by_appointment ON audit_event (appointment_id);

-- Catalogue rows are retired, never deleted: appointments name them.
GRANT SELECT, INSERT, UPDATE ON tenant, organisational_unit, location, service, offering, clerk, lane TO :app_role;
GRANT SELECT, INSERT, UPDATE, DELETE ON
    service_fee, skill, opening_rule, closure, day_mask, appointment, appointment_item, contact, occupation,
    assignment, access_grant, payment_command
    TO :app_role;
GRANT SELECT, INSERT ON audit_event TO :app_role;
