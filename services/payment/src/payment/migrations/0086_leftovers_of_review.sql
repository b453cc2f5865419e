-- What a hosted page and a card leave also goes from attempts that ended for a person (`review`): the payment is over.
DROP INDEX attempt_with_page;
DROP INDEX attempt_with_card;
CREATE INDEX attempt_with_page ON attempt (tenant, updated_at) WHERE redirect_url IS NOT NULL;
CREATE INDEX attempt_with_card ON attempt (tenant, updated_at) WHERE card IS NOT NULL;
