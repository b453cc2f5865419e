-- Whom a mail names is asked when a sender puts it down, and when its row goes.
CREATE INDEX named_citizen_by_delivery ON named_citizen (delivery_id);
