-- Up to when a clerk's own calendar was read. Booking reaches further every day, and times are kept as far as it reached:
-- a calendar that is unchanged still has some beyond.
ALTER TABLE busy_source ADD COLUMN read_until timestamptz;
