"""What the demo's towns have for payment."""

import tomllib

import pytest

from demo.accounts import account_at, complete_accounts
from demo.processes import SEED
from demo.supervisor import StartError


def test_each_town_has_given_its_standing_order() -> None:
    accounts = tomllib.loads((SEED / "accounts.toml").read_text("utf-8"))["accounts"]
    assert [entry["standing_order"] for entry in accounts] == [True] * 11


async def test_a_town_that_is_none_is_named_with_those_that_are() -> None:
    with pytest.raises(StartError, match=r"no town 'gangeld'.*gangelt"):
        await complete_accounts("postgresql://nowhere", "", account_at("http://nowhere", "key"), {"gangeld"})
