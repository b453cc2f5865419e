from datetime import UTC, datetime
from typing import get_args

import msgspec
import pytest

from payment.domain.retention import Leftover, Retention, cutoffs_of
from payment.store.leftovers import DELETIONS

NOW = datetime(2036, 11, 22, 12, tzinfo=UTC)


def test_each_leftover_has_a_time_and_somebody_who_deletes_it() -> None:
    assert set(get_args(Leftover)) == set(cutoffs_of(Retention(), NOW)) == {*DELETIONS, "order_texts"}


@pytest.mark.parametrize(
    ("now", "kept_from"),
    [
        (datetime(2037, 12, 31, tzinfo=UTC), 2026),  # what was paid in 2026 was adopted in 2027: until the end of 2037
        (datetime(2038, 1, 1, tzinfo=UTC), 2027),
    ],
)
def test_accounts_are_kept_ten_years_from_the_january_after_their_adoption(now: datetime, kept_from: int) -> None:
    assert cutoffs_of(Retention(), now)["order_texts"] == datetime(kept_from, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong", [{"accounting_years": 5}, {"answers_days": 8}, {"cards_days": 0}, {"outgoing_webhooks_days": 3}, {"x": 1}]
)
def test_no_tenant_keeps_less_than_it_must(wrong: dict[str, int]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(wrong, Retention)
