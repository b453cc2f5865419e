-- An event's id is its account's: one tenant's event never hides another's.
ALTER TABLE provider_event DROP CONSTRAINT provider_event_pkey, ADD PRIMARY KEY (tenant, provider, event_id);
