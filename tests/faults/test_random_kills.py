"""Anything killed at any moment while citizens book, move and cancel: what was answered is true, nothing else is."""

import os
import random
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from tests.support.booker import Booker, new_address
from tests.support.mails import CONFIRMATION, wait_for
from tests.support.system import System
from tests.support.waiting import wait_until

SECONDS = float(os.environ.get("SOAK_KILL_S", "10"))
CITIZENS = 4
VISITS_MIN = 3
"""Of each citizen: one that stays, one that moves and one that is cancelled."""
TOWN = "gangelt"
PARTS = [
    "booking serve",
    "booking work",
    "payment serve",
    "payment work",
    "notify serve",
    "notify work",
    "nats-server",
    "bin/postgres -D",
]
PATIENCE_S = 60


class Visits(threading.Thread):
    """A portal's program that repeats each request under its key until it is answered, as the API allows."""

    def __init__(self, system: System, starts: Iterator[str], service_id: str, until: float) -> None:
        super().__init__()
        self.booker = Booker(system, TOWN)
        self.starts, self.service_id, self.until = starts, service_id, until
        self.expected: dict[str, tuple[dict[str, Any], str, str]] = {}
        """By appointment: what the hold answered, the state that the last answer left, and the mail address."""
        self.failure: BaseException | None = None

    def run(self) -> None:
        try:
            for number, start in enumerate(self.starts):
                self._visit(number, start)
                if number + 1 >= VISITS_MIN and time.monotonic() > self.until:
                    return
        except BaseException as error:  # noqa: BLE001 - the test hears of it, and says so
            self.failure = error

    def _visit(self, number: int, start: str) -> None:
        items = [{"service_id": self.service_id, "quantity": 1}]
        held = self._insist(f"/tenants/{TOWN}/appointments", {"items": items, "start": start}, 201)
        path, token, email = f"/appointments/{held['id']}", held["access_token"], new_address("kill")
        contact = {"given_name": "Jörg", "family_name": "Küppers", "email": email, "language": "de"}
        self._insist(f"{path}/confirmation", {"contact": contact, "payment": "counter"}, 200, token)
        self.expected[held["id"]] = (held, "confirmed", email)
        if number % 3 == 1:
            self._insist(f"{path}/reschedule", {"start": next(self.starts)}, 200, token)
            self.expected[held["id"]] = (held, "moved", email)
        elif number % 3 == 2:
            self._insist(f"{path}/cancellation", {}, 200, token)
            self.expected[held["id"]] = (held, "cancelled_by_citizen", email)

    def _insist(self, path: str, body: Any, expected: int, token: str | None = None) -> Any:
        key, deadline = str(uuid.uuid4()), time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            try:
                answer = self.booker.post(path, body, token, key)
            except httpx.HTTPError:
                time.sleep(0.2)
                continue
            if answer.status_code == expected:
                return answer.json()
            assert answer.status_code >= 500, f"{path}: {answer.status_code} {answer.text}"
            time.sleep(0.2)
        raise AssertionError(f"{path}: no answer within {PATIENCE_S} s")


def test_what_was_answered_is_true(system: System) -> None:
    service_id = Booker(system, TOWN).find_service("Wohnsitz anmelden")["id"]
    starts = Booker(system, TOWN).starts(service_id)
    until = time.monotonic() + SECONDS
    citizens = [Visits(system, iter(starts[number::CITIZENS]), service_id, until) for number in range(CITIZENS)]
    for citizen in citizens:
        citizen.start()
    killed = _kill(system, random.Random(int(time.time())), until)
    for citizen in citizens:
        citizen.join(3 * PATIENCE_S)
    assert not [citizen.failure for citizen in citizens if citizen.failure], killed
    wait_until(system.is_ready, 60)
    visits = [visit for citizen in citizens for visit in citizen.expected.values()]
    assert len(visits) >= CITIZENS * VISITS_MIN, killed
    booker = Booker(system, TOWN)
    for held, state, _ in visits:
        assert booker.read(held)["state"] == ("confirmed" if state == "moved" else state), killed
    assert _checked(system) == "Nothing is wrong.", killed
    for _, state, email in visits:
        if state == "confirmed":
            ids = {str(mail["Message-ID"]) for mail in wait_for(system, email, CONFIRMATION, timeout_s=90)}
            assert len(ids) == 1, killed


def _kill(system: System, chance: random.Random, until: float) -> list[str]:
    killed = []
    while time.monotonic() < until:
        time.sleep(chance.uniform(0.3, 1.5))
        part = chance.choice(PARTS)
        if system.child_pids(part):
            system.kill(part)
            killed.append(part)
    return killed


def _checked(system: System) -> str:
    url = wait_until(_setting(system), 30)
    done = subprocess.run(
        [sys.executable, "-m", "booking", "check", "--tenant", TOWN],
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or done.stderr


def _setting(system: System) -> Callable[[], str]:
    return lambda: system.setting("booking serve", "DATABASE_URL")


@pytest.fixture(autouse=True)
def all_is_up_again(system: System) -> Iterator[None]:
    """For whoever tests next in the same system."""
    yield
    wait_until(lambda: all(system.child_pids(part) for part in PARTS) and system.is_ready(), 60)
