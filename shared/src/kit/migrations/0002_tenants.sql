-- Row-level security for whoever keeps several tenants in one database (kit/tenants.py sets what is read here).

-- Both are settings of one transaction. Unset they read NULL, and '' once a transaction has set them: nobody's rows then.
CREATE FUNCTION acts_for(tenant text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    RETURN tenant = nullif(current_setting('app.tenant', true), '')
        OR current_setting('app.all_tenants', true) = 'on';

-- Call it for every new table: CALL bind_to_tenant('invoice'). A table without a column `tenant` names its condition.
-- FORCE, so that the owner's own statements are bound too; `migrate` acts for all tenants and says so.
CREATE PROCEDURE bind_to_tenant(bound regclass, condition text DEFAULT 'acts_for(tenant)') LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', bound);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', bound);
    EXECUTE format('CREATE POLICY of_tenant ON %s USING (%s) WITH CHECK (%s)', bound, condition, condition);
END $$;
