-- What a person decided about a payment under review, and why. Written once and never changed.

CREATE TABLE review_decision (
    payment_id            uuid NOT NULL REFERENCES payment,
    version               int NOT NULL,            -- the payment's after the decision
    tenant                text NOT NULL REFERENCES tenant,
    decision              text NOT NULL CHECK (decision IN (
                              'look_again', 'accept', 'accept_amount', 'take', 'release', 'give_back', 'close')),
    note                  text NOT NULL,
    subject               text NOT NULL,           -- who: the staff token's
    asked_cents           bigint NOT NULL,         -- the payment's amount before it
    captured_cents        bigint,                  -- what counts as paid since
    at                    timestamptz NOT NULL,
    PRIMARY KEY (payment_id, version)
);
CREATE INDEX payment_under_review ON payment (tenant) WHERE state = 'review';

ALTER TABLE refund DROP CONSTRAINT refund_reason_check, ADD CONSTRAINT refund_reason_check CHECK (reason IN (
    'cancelled_by_office', 'cancelled_in_time', 'duplicate', 'late', 'reduced', 'goodwill', 'review'));

CALL bind_to_tenant('review_decision');
GRANT SELECT, INSERT ON review_decision TO :app_role;
