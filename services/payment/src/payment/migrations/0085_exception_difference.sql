-- What was accepted stays accepted with its difference, and with no other: the same subject may be open again besides.

ALTER TABLE treasury_exception DROP CONSTRAINT treasury_exception_tenant_kind_subject_key;
CREATE UNIQUE INDEX treasury_exception_once ON treasury_exception (tenant, kind, subject) WHERE accepted_at IS NULL;
CREATE INDEX treasury_exception_accepted ON treasury_exception (tenant, kind, subject) WHERE accepted_at IS NOT NULL;
