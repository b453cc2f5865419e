-- What is on its way back to the payer, back already, or lost by a dispute: all that a capture is less by. One rule.

CREATE VIEW money_returned WITH (security_invoker = true) AS
    SELECT payment_id, attempt_id, amount_cents FROM refund WHERE state <> 'failed'
    UNION ALL
    SELECT payment_id, attempt_id, coalesce(taken_cents, amount_cents) FROM dispute WHERE state = 'lost';

GRANT SELECT ON money_returned TO :app_role;
