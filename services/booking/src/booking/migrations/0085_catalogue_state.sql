-- Each process asks once a second whether any tenant's catalogue has changed: from this index, without the profiles.
CREATE INDEX tenant_catalogue_version ON tenant (slug) INCLUDE (catalogue_version);
