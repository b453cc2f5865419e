"""Killed with SIGKILL, started again by the supervisor: everything is late, nothing is lost."""

import pytest
from tests.support.booker import Booker, new_address
from tests.support.mails import assert_told_once
from tests.support.system import System
from tests.support.waiting import wait_until

WORKERS = ["booking work", "payment work", "notify work", "nats-server"]
SERVERS = ["booking serve", "payment serve", "notify serve"]


@pytest.mark.parametrize("part", WORKERS)
def test_a_worker_killed_before_the_booking(system: System, part: str) -> None:
    booker, email = Booker(system), new_address("ausfall")
    held = booker.hold("Wohnsitz anmelden")
    system.kill(part)
    assert booker.confirm(held, email).json()["state"] == "confirmed"
    assert_told_once(system, email)
    wait_until(lambda: system.child_pids(part), 20)


@pytest.mark.parametrize("part", SERVERS)
def test_a_server_killed_right_after_the_booking(system: System, part: str) -> None:
    booker, email = Booker(system), new_address("ausfall")
    held = booker.hold("Wohnsitz anmelden")
    assert booker.confirm(held, email).json()["state"] == "confirmed"
    system.kill(part)
    assert_told_once(system, email)
    wait_until(system.is_ready, 30)
    assert booker.read(held)["state"] == "confirmed"


def test_the_database_killed_in_between(system: System) -> None:
    booker, email = Booker(system), new_address("ausfall")
    held = booker.hold("Wohnsitz anmelden")
    assert booker.confirm(held, email).json()["state"] == "confirmed"
    system.kill("bin/postgres -D")
    wait_until(system.is_ready, 60)
    assert booker.read(held)["state"] == "confirmed"
    assert_told_once(system, email)


@pytest.mark.parametrize("part", ["bin/postgres -D", "nats-server"])
def test_an_engine_killed_again_while_it_starts(system: System, part: str) -> None:
    (first,) = system.child_pids(part)
    system.kill(part)
    (second,) = wait_until(lambda: [pid for pid in system.child_pids(part) if pid != first], 20)
    system.kill(part)
    wait_until(lambda: [pid for pid in system.child_pids(part) if pid not in {first, second}], 20)
    wait_until(system.is_ready, 60)
    booker, email = Booker(system), new_address("ausfall")
    assert booker.confirm(booker.hold("Wohnsitz anmelden"), email).json()["state"] == "confirmed"
    assert_told_once(system, email)
