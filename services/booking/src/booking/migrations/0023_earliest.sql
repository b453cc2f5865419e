-- The same service at other tenants: by its LeiKa key, or by its name where it has none.
CREATE INDEX service_by_leika ON service (leika) WHERE offered AND leika IS NOT NULL;
CREATE INDEX service_by_name ON service (sort_key) WHERE offered;
