-- With which day close a movement's fee was exported, beside its entry or on a line of its own: once.

ALTER TABLE provider_movement ADD COLUMN fee_close int;
CREATE INDEX ledger_by_reference ON ledger_entry (tenant, provider_reference);
