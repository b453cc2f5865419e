-- A feed is of use once somebody has its address, which the clerk who chooses it is given: no office can choose it for
-- them. Where one did, nobody was told of visits. The digest tells of those that were booked meanwhile, too.
UPDATE clerk SET calendar = 'digest' WHERE calendar = 'feed';
ALTER TABLE clerk DROP CONSTRAINT clerk_calendar_check, ADD CHECK (calendar IN ('invite', 'digest'));
