-- Who left leaves no address, no login and no times. From now on they go with the clerk; these left before.
DELETE FROM busy_source WHERE clerk_id IN (SELECT id FROM clerk WHERE retired_at IS NOT NULL);
