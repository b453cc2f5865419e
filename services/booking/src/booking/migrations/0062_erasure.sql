-- Proof of deletion (Löschprotokoll): that it was done, when, by which rule, and how many rows went. No person.
CREATE TABLE deletion_log (
    position       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant         text NOT NULL,
    appointment_id uuid NOT NULL,
    rule           text NOT NULL CHECK (rule IN ('retention', 'ended', 'draft', 'request')),
    actor          text NOT NULL,                  -- clock, citizen, staff:<subject>
    at             timestamptz NOT NULL,
    counts         jsonb NOT NULL                  -- rows by table
);
CREATE INDEX deletion_log_by_tenant ON deletion_log (tenant, position);
CREATE INDEX deletion_log_by_appointment ON deletion_log (appointment_id);

-- Append-only, as the audit: a log that its writer could change proves nothing.
GRANT SELECT, INSERT ON deletion_log TO :app_role;
