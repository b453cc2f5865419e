-- A catalogue is read tenant by tenant: with thousands of them, not through everybody's.
CREATE INDEX organisational_unit_by_tenant ON organisational_unit (tenant);
CREATE INDEX service_by_tenant ON service (tenant);
CREATE INDEX offering_by_tenant ON offering (tenant);
CREATE INDEX lane_by_tenant ON lane (tenant);
