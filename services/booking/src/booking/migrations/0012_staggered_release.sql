-- The last day of the booking window opens hour by hour instead of at midnight.
ALTER TABLE offering ADD COLUMN staggered_release boolean NOT NULL DEFAULT false;
