-- Whoever forgets a WHERE sees no other tenant's row (docs/decisions/0040-row-level-security.md).

CALL bind_to_tenant('tenant', 'acts_for(slug)');
CALL bind_to_tenant('return_origin');
CALL bind_to_tenant('provider_account');
CALL bind_to_tenant('api_key');
CALL bind_to_tenant('payment');
CALL bind_to_tenant('attempt');
CALL bind_to_tenant('refund');
CALL bind_to_tenant('ledger_entry');
CALL bind_to_tenant('payment_event');
CALL bind_to_tenant('provider_event');
CALL bind_to_tenant('webhook_endpoint');
CALL bind_to_tenant('webhook_delivery');

-- Rows that belong to a row: whoever sees that one sees them.
CALL bind_to_tenant('payment_item', 'EXISTS (SELECT FROM payment WHERE payment.id = payment_id)');
CALL bind_to_tenant('refund_approval', 'EXISTS (SELECT FROM refund WHERE refund.id = refund_id)');

-- A key names its tenant, so it is looked up before there is one to act for. Whoever names a prefix sees that one key.
-- By a function, since every request begins with it: one statement, and no transaction around it.
CREATE POLICY by_prefix ON api_key FOR SELECT USING (prefix = nullif(current_setting('app.key_prefix', true), ''));
CREATE FUNCTION api_key_of(wanted_prefix text) RETURNS SETOF api_key LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('app.key_prefix', wanted_prefix, true);
    RETURN QUERY SELECT * FROM api_key WHERE prefix = wanted_prefix;
END $$;
