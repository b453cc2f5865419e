-- By what law or by-law a tenant charges its fees, where an order's item does not name its own. Stands on receipts.

ALTER TABLE tenant ADD COLUMN legal_basis text NOT NULL DEFAULT '';
