import pytest
from tests.support.database import Database

from kit.migrate import MigrationError, migrate


async def test_a_second_run_applies_nothing(booking_database: Database) -> None:
    assert await migrate(booking_database.owner_url, ["kit", "booking"], "booking_app") == []


async def test_a_missing_role_says_what_to_do(booking_database: Database) -> None:
    with pytest.raises(MigrationError, match="CREATE ROLE nobody_app"):
        await migrate(booking_database.owner_url, ["kit", "booking"], "nobody_app")
