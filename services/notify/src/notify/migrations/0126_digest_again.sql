-- A digest that was dropped unsent, as it named somebody who was then forgotten: its clerk's is written anew.
CREATE TABLE digest_again (
    tenant   text NOT NULL,
    day      date NOT NULL,
    clerk_id uuid NOT NULL,
    PRIMARY KEY (tenant, day, clerk_id),
    FOREIGN KEY (tenant, day) REFERENCES digest_day ON DELETE CASCADE
);
GRANT SELECT, INSERT, UPDATE, DELETE ON digest_again TO :app_role;
