-- The version of the appointment in which its person was forgotten: of an older letter nothing is written any more.
ALTER TABLE appointment ADD COLUMN erased_version int;
