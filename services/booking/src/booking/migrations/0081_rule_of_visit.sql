-- Never written: who is responsible for a visit is asked of the rules as they are when it moves.
ALTER TABLE appointment DROP COLUMN responsibility_rule_id;
