-- Money that came in and is never booked (another currency, another's reference) is returned at the provider by hand.

ALTER TABLE review_decision
    DROP CONSTRAINT review_decision_decision_check,
    ADD CONSTRAINT review_decision_decision_check CHECK (decision IN (
        'look_again', 'accept', 'accept_amount', 'take', 'release', 'give_back', 'returned', 'close'));
