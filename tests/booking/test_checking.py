"""The checker finds what somebody wrote past the rules, and says it in words."""

import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from tests.booking.sample import TENANT
from tests.booking.support.life import Life, at
from tests.booking.support.rules import HALL, WEDNESDAY, change
from tests.support.database import Database

from booking.domain.rule_edits import add_closure
from booking.domain.rule_set import Closure
from booking.usecases.cancel_appointment import cancel_appointment
from booking.usecases.check_tenant import check_all, check_tenant
from booking.usecases.rebuild_masks import extend_masks
from booking.usecases.view_appointment import Access

Plant = Callable[[Life, Access], Awaitable[Any]]


async def faults(life: Life) -> list[str]:
    return await check_tenant(life.pool, TENANT, life.clock())


async def test_a_town_in_order(life: Life) -> None:
    await life.booked()
    await cancel_appointment(life.pool, life.clock, await life.hold(at("09:00")))
    await change(life, add_closure(Closure(HALL, WEDNESDAY)))  # stranded, and listed
    assert await check_all(life.pool, life.clock) == []


def sql(query: str) -> Plant:
    async def plant(life: Life, access: Access) -> None:
        await life.pool.execute(query, access.appointment_id)

    return plant


OF_VISIT = "lane_id = (SELECT lane_id FROM appointment WHERE id = $1) AND day = '2026-11-25'"


@pytest.mark.parametrize(
    ("plant", "words"),
    [
        (sql(f"UPDATE day_mask SET free = open WHERE {OF_VISIT}"),
         "2026-11-25: free is 08:00-12:00, and should be 08:15-12:00"),
        (sql(f"UPDATE day_mask SET public = 0::bit(288) WHERE {OF_VISIT}"),
         "2026-11-25: public is nothing, and should be 08:00-12:00"),
        (sql(f"DELETE FROM day_mask WHERE {OF_VISIT}"), "2026-11-25: there is no mask"),
        (sql("UPDATE occupation SET lane_id = (SELECT max(id) FROM lane) WHERE appointment_id = $1"),
         "(confirmed, 2026-11-25 08:00 to 08:15, lane 1) does not occupy its lane"),
        (sql("UPDATE occupation SET during = tstzrange(lower(during), lower(during) + interval '5 min')"
             " WHERE appointment_id = $1"), "goes on for longer than it occupies its lane"),
        (sql("UPDATE appointment SET state = 'completed' WHERE id = $1"), "occupies lane 1, and should occupy none"),
        (sql("UPDATE appointment SET overbooked = true WHERE id = $1"), "occupies lane 1, and should occupy none"),
        (sql("UPDATE appointment SET location_id = gen_random_uuid() WHERE id = $1"),
         "occupies a lane of another place"),
        (sql("UPDATE appointment SET ends_at = ends_at + interval '1 hour' WHERE id = $1"), "goes on for longer"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said(life: Life, plant: Plant, words: str) -> None:
    await life.pool.execute("DELETE FROM skill WHERE lane_id <> 1")
    access = await life.booked()
    assert await faults(life) == []
    await plant(life, access)
    found = await faults(life)
    assert any(words in line for line in found), found


async def test_a_stranded_visit_that_nobody_lists(life: Life) -> None:
    access = await life.booked()
    await change(life, add_closure(Closure(HALL, WEDNESDAY)))
    await life.pool.execute("DELETE FROM conflict")
    number = (await life.view(access)).number
    (line,) = await faults(life)
    assert line.startswith(f"appointment {number} stands where lane")
    assert line.endswith("is closed (closure), unlisted")


def check(database: Database, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "booking", "check", *arguments]
    environment = os.environ | {"DATABASE_URL": database.url}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


async def test_the_command_says_it_in_words_and_fails(booking_database: Database, life: Life) -> None:
    life.clock.now = datetime.now(life.clock.now.tzinfo)
    await extend_masks(life.pool, life.clock)  # the command goes by the real clock
    fine = check(booking_database)
    assert (fine.returncode, fine.stdout) == (0, "Nothing is wrong.\n")
    await life.pool.execute("UPDATE day_mask SET free = 0::bit(288) WHERE lane_id = 1 AND open <> 0::bit(288)")
    wrong = check(booking_database, "--tenant", TENANT)
    assert wrong.returncode == 1
    assert wrong.stdout.startswith(f"{TENANT}: lane 1, 20")
    assert "free is nothing, and should be 08:00-12:00" in wrong.stdout
    nobody = check(booking_database, "--tenant", str(uuid4()))
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert "There is no tenant" in nobody.stderr
