-- A clerk's own calendar may be a CalDAV collection, read with an account: user and password, encrypted as the address is.
-- Without one the address is a published calendar. `etag` then holds the collection's tag.
ALTER TABLE busy_source ADD COLUMN login bytea;
