-- Visits of several services, and what a booking is made under.

-- Kombinierbarkeit: which services may share one visit. A service with no row combines with every other of its unit and
-- location; with rows, only with those that it names and that allow it too. A row that names itself alone: with none.
CREATE TABLE service_combination (
    service_id uuid NOT NULL REFERENCES service ON DELETE CASCADE,
    other_id   uuid NOT NULL REFERENCES service ON DELETE CASCADE,
    PRIMARY KEY (service_id, other_id)
);

-- How much one visit may hold in this lane, each person counted: "two services at most" on Saturdays. Null: no limit.
ALTER TABLE lane ADD COLUMN items_max int CHECK (items_max > 0);

-- What a tenant decides for all of its appointments. `{id}` stands for a token that only the appointment's owner knows.
CREATE TABLE tenant_setting (
    tenant             text PRIMARY KEY REFERENCES tenant,
    video_url_template text CHECK (video_url_template ~ '^https://[^{}]+[{]id[}][^{}]*$')
);

-- An invitation is used once: by one appointment that is not dead.
ALTER TABLE appointment ADD COLUMN invitation_id uuid;
CREATE UNIQUE INDEX appointment_by_invitation ON appointment (invitation_id)
    WHERE invitation_id IS NOT NULL AND state NOT IN ('expired', 'cancelled_by_citizen', 'cancelled_by_office');

GRANT SELECT, INSERT, UPDATE, DELETE ON service_combination, tenant_setting TO :app_role;
