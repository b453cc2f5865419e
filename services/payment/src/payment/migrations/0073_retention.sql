-- What goes before the accounts do, and the proof that it went (docs/decisions/0047-what-goes-before-the-accounts.md).

ALTER TABLE tenant ADD COLUMN retention jsonb NOT NULL DEFAULT '{}'; -- domain/retention.py; what is absent is the default

ALTER TABLE payment ADD COLUMN is_return_url_cut boolean NOT NULL DEFAULT false; -- to its origin
CREATE INDEX payment_with_return_url ON payment (tenant, updated_at)
    WHERE NOT is_return_url_cut AND state IN ('paid', 'cancelled', 'expired', 'capture_failed');
CREATE INDEX payment_with_texts ON payment (tenant, created_at) WHERE description <> '';
CREATE INDEX attempt_with_page ON attempt (tenant, updated_at)
    WHERE redirect_url IS NOT NULL AND state IN ('paid', 'closed', 'failed', 'voided');
CREATE INDEX attempt_with_card ON attempt (tenant, updated_at)
    WHERE card IS NOT NULL AND state IN ('paid', 'closed', 'failed', 'voided');
ALTER TABLE xbezahldienste_transaction ADD COLUMN is_redirect_url_cut boolean NOT NULL DEFAULT false;
CREATE INDEX xbezahldienste_transaction_by_age ON xbezahldienste_transaction (tenant, created_at)
    WHERE NOT is_redirect_url_cut;
CREATE INDEX webhook_delivery_by_age ON webhook_delivery (tenant, created_at) WHERE state <> 'waiting';
CREATE INDEX provider_event_by_age ON provider_event (tenant, received_at);

-- Of an address only scheme, host and port: no path, and no token in it.
CREATE FUNCTION origin_of(address text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN coalesce(substring(address FROM '^[A-Za-z]+://[^/?#]+'), '') || '/';

-- How many went, and nothing of what. Written in the transaction that deletes.
CREATE TABLE retention_log (
    id                    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant                text NOT NULL REFERENCES tenant,
    leftover              text NOT NULL CHECK (leftover IN (
                              'answers', 'outgoing_webhooks', 'incoming_webhooks', 'return_urls', 'hosted_pages',
                              'request_urls', 'cards', 'order_texts')),
    before                timestamptz NOT NULL,    -- what was older went
    count                 int NOT NULL CHECK (count > 0),
    at                    timestamptz NOT NULL
);
CREATE INDEX retention_log_by_tenant ON retention_log (tenant, id);

CALL bind_to_tenant('retention_log');

-- What an order said in words, once the accounts need it no longer: the items are otherwise never changed, so the
-- service may do this alone, and never to anything younger than the law's shortest time (KomHVO NRW § 59 (2)).
CREATE FUNCTION forget_order_texts(of_tenant text, older_than timestamptz, at_most int) RETURNS int
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
    ids uuid[];
BEGIN
    ids := ARRAY(SELECT id FROM payment WHERE tenant = of_tenant AND acts_for(tenant) AND description <> ''
        AND created_at < least(older_than, now() - interval '6 years') ORDER BY created_at LIMIT at_most FOR UPDATE);
    UPDATE payment_item SET description = '', accounting = '{}' WHERE payment_id = ANY(ids);
    DELETE FROM xbezahldienste_transaction WHERE tenant = of_tenant AND payment_id = ANY(ids);
    UPDATE payment SET description = '', reference = '', return_url = '', is_return_url_cut = true WHERE id = ANY(ids);
    RETURN cardinality(ids);
END $$;
REVOKE EXECUTE ON FUNCTION forget_order_texts FROM PUBLIC;

GRANT EXECUTE ON FUNCTION forget_order_texts TO :app_role;
GRANT SELECT, INSERT ON retention_log TO :app_role;
GRANT DELETE ON webhook_delivery, provider_event TO :app_role;
GRANT UPDATE (request, is_redirect_url_cut) ON xbezahldienste_transaction TO :app_role;
