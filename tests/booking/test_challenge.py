"""ALTCHA: bound to its tenant and its step, past its time after twenty minutes, and good for one use."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from altcha import Challenge, Payload, solve_challenge
from litestar import Litestar
from litestar.testing import AsyncTestClient
from tests.booking import sample
from tests.booking.conftest import SetClock
from tests.booking.sample import PERSO, TENANT, service_id
from tests.booking.support.life import ERIKA, Life, at

from booking.app import build
from booking.domain.errors import Invalid
from booking.domain.fairness import NO_CAPS, Gate, Solved
from booking.settings import Settings
from booking.usecases.confirm_appointment import Confirmation, confirm_appointment
from booking.usecases.hold_fairly import forget_open_holds
from booking.usecases.view_appointment import AppointmentView
from booking.web.challenge import make_challenge, read_answer

KEY = "link-key-of-the-tests"
CONTACT = {"given_name": "Erika", "family_name": "Muster", "email": "erika@example.org"}


def solve(challenge: Any) -> str:
    parsed = Challenge.from_dict(challenge)
    solution = solve_challenge(parsed)
    assert solution
    return Payload(parsed, solution).to_base64()


class Portal:
    """Books by API in a town that asks for a challenge before both steps."""

    def __init__(self, client: AsyncTestClient[Litestar]) -> None:
        self.client = client

    async def challenge(self, action: str, tenant: str = TENANT) -> str:
        answer = await self.client.get(f"/v1/tenants/{tenant}/challenge", params={"action": action})
        assert answer.status_code == 200, answer.text
        return solve(answer.json())

    async def hold(self, start: str, altcha: str | None, key: str | None = None) -> Any:
        body = {"items": [{"service_id": str(service_id(PERSO))}], "start": at(start).isoformat(), "altcha": altcha}
        headers = {"Idempotency-Key": key or str(uuid4())}
        return await self.client.post(f"/v1/tenants/{TENANT}/appointments", json=body, headers=headers)

    async def confirm(self, held: Any, altcha: str | None, key: str | None = None) -> Any:
        headers = {"Authorization": f"Bearer {held['access_token']}", "Idempotency-Key": key or str(uuid4())}
        body = {"contact": CONTACT, "payment": "counter", "altcha": altcha}
        return await self.client.post(f"/v1/appointments/{held['id']}/confirmation", json=body, headers=headers)


@pytest.fixture
async def portal(booking_settings: Settings, life: Life) -> AsyncIterator[Portal]:
    strict = sample.profile(fairness=msgspec.structs.replace(NO_CAPS, challenge=("hold", "confirm")))
    await life.pool.execute("UPDATE tenant SET profile = $1", msgspec.to_builtins(strict))
    settings = msgspec.structs.replace(booking_settings, challenge_effort=4)
    async with AsyncTestClient(build(settings, life.clock)) as client:
        yield Portal(client)


def refused(answer: Any) -> bool:
    return bool(answer.status_code == 400 and answer.json()["errors"][0]["field"] == "altcha")


async def test_a_solved_challenge_opens_each_step_once(portal: Portal, life: Life) -> None:
    solved = await portal.challenge("hold")
    first = await portal.hold("08:00", solved)
    assert first.status_code == 201, first.text
    assert refused(await portal.hold("08:30", solved))
    second = await portal.hold("08:30", await portal.challenge("hold"))
    assert second.status_code == 201
    solved = await portal.challenge("confirm")
    booked = await portal.confirm(first.json(), solved)
    assert booked.json()["state"] == "confirmed", booked.text
    assert refused(await portal.confirm(second.json(), solved))
    assert (await life.pool.fetchval("SELECT count(*) FROM used_challenge")) == 3


async def test_it_is_bound_to_its_step_and_its_tenant(portal: Portal, life: Life) -> None:
    assert refused(await portal.hold("08:00", await portal.challenge("confirm")))
    held = (await portal.hold("08:00", await portal.challenge("hold"))).json()
    assert refused(await portal.confirm(held, await portal.challenge("hold")))
    elsewhere = solve(make_challenge(KEY, "elsewhere", "confirm", life.clock(), 4))
    assert refused(await portal.confirm(held, elsewhere))
    assert refused(
        await portal.confirm(held, solve(make_challenge("another house's", TENANT, "confirm", life.clock(), 4)))
    )


async def test_it_expires_and_is_forgotten_afterwards(portal: Portal, life: Life) -> None:
    solved, late = await portal.challenge("hold"), await portal.challenge("hold")
    await portal.hold("08:00", solved)
    life.later(minutes=19, seconds=59)
    await forget_open_holds(life.pool, life.clock)
    assert refused(await portal.hold("08:30", solved))  # still remembered as long as it would be valid
    life.later(seconds=1)
    assert refused(await portal.hold("08:30", late))
    life.later(seconds=1)
    await forget_open_holds(life.pool, life.clock)
    assert await life.pool.fetchval("SELECT count(*) FROM used_challenge") == 0
    assert refused(await portal.hold("08:30", solved))


async def test_a_repeated_request_repeats_its_challenge(portal: Portal) -> None:
    solved = await portal.challenge("hold")
    first, again = [await portal.hold("08:00", solved, key="same") for _ in range(2)]
    assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
    solved = await portal.challenge("confirm")
    booked = [await portal.confirm(first.json(), solved, key="same") for _ in range(2)]
    assert [answer.json()["state"] for answer in booked] == ["confirmed", "confirmed"]


async def test_a_challenge_that_held_nothing_is_not_spent(portal: Portal) -> None:
    solved = await portal.challenge("hold")
    for _ in range(3):
        assert (await portal.hold("08:00", await portal.challenge("hold"))).status_code == 201
    assert (await portal.hold("08:00", solved)).status_code == 409
    assert (await portal.hold("08:30", solved)).status_code == 201


async def test_a_reused_key_sets_no_challenge_free(portal: Portal) -> None:
    solved = await portal.challenge("hold")
    await portal.hold("08:00", solved, key="same")
    assert (await portal.hold("08:30", solved, key="same")).json()["code"] == "idempotency_key_reused"
    assert refused(await portal.hold("09:00", solved))


async def test_eight_confirmations_with_one_solution_are_one(life: Life) -> None:
    """Whatever the web process knows: the database counts it once, in the step's own transaction."""
    solved = read_answer(
        KEY, TENANT, "confirm", solve(make_challenge(KEY, TENANT, "confirm", life.clock(), 4)), life.clock()
    )
    gate = Gate(caps=NO_CAPS, proof=solved, person_key=None)
    times = ("08:00", "08:30", "09:00", "09:30", "10:00", "10:30", "11:00", "11:30")
    held = [await life.hold(at(start)) for start in times]
    request = Confirmation(contact=ERIKA, payment="counter")
    outcomes = await asyncio.gather(
        *(confirm_appointment(life.pool, life.checkout, life.clock, access, request, gate) for access in held),
        return_exceptions=True,
    )
    assert sum(isinstance(each, AppointmentView) for each in outcomes) == 1
    assert sum(isinstance(each, Invalid) for each in outcomes) == 7
    await life.check()


async def test_without_one_a_client_holds_one_at_a_time(portal: Portal) -> None:
    assert (await portal.hold("08:00", None)).status_code == 201
    refused_ = await portal.hold("08:30", None)
    assert (refused_.status_code, refused_.json()["code"]) == (429, "too_many_holds")
    assert int(refused_.headers["retry-after"]) == 900


async def test_without_one_the_mail_address_is_proved_instead(portal: Portal) -> None:
    held = (await portal.hold("08:00", None)).json()
    booked = await portal.confirm(held, None)
    assert (booked.status_code, booked.json()["state"]) == (200, "awaiting_email")
    held = (await portal.hold("08:30", await portal.challenge("hold"))).json()
    headers = {"Authorization": f"Bearer {held['access_token']}", "Idempotency-Key": str(uuid4())}
    contact = CONTACT | {"email": None, "phone": "02452 130"}
    path = f"/v1/appointments/{held['id']}/confirmation"
    unreachable = await portal.client.post(path, json={"contact": contact, "payment": "counter"}, headers=headers)
    assert refused(unreachable)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "x",
        "!!!!",
        base64.b64encode(b"[]").decode(),
        base64.b64encode(b"{}").decode(),
        base64.b64encode(b"\xff").decode(),
        base64.b64encode(b'{"challenge": "x", "solution": 1}').decode(),
        base64.b64encode(b'{"challenge": {"parameters": []}, "solution": {"counter": 1, "derivedKey": "00"}}').decode(),
        base64.b64encode(b"[" * 100_000).decode(),
    ],
)
def test_what_is_no_solution_is_refused(clock: SetClock, answer: str) -> None:
    with pytest.raises(Invalid, match="altcha"):
        read_answer(KEY, TENANT, "confirm", answer, clock())


def test_what_was_changed_is_refused(clock: SetClock) -> None:
    payload = json.loads(base64.b64decode(solve(make_challenge(KEY, TENANT, "hold", clock(), 4))))
    payload["challenge"]["parameters"]["data"]["action"] = "confirm"
    with pytest.raises(Invalid, match="altcha"):
        read_answer(KEY, TENANT, "confirm", base64.b64encode(json.dumps(payload).encode()).decode(), clock())
    payload["challenge"]["parameters"]["data"]["action"] = "hold"
    honest = base64.b64encode(json.dumps(payload).encode()).decode()
    assert isinstance(read_answer(KEY, TENANT, "hold", honest, clock()), Solved)
    payload["solution"]["derivedKey"] = "00" * 32
    with pytest.raises(Invalid, match="altcha"):
        read_answer(KEY, TENANT, "hold", base64.b64encode(json.dumps(payload).encode()).decode(), clock())
