"""What booking costs as things grow: lanes, days, what is taken, what was booked, tenants up to a whole country.

Asked of the server that keeps no list: each answer comes from the database.
"""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock_time
from itertools import islice
from typing import Any
from urllib.request import urlopen
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import msgspec
from tests.bench.load import Outcome, Plan, get, post
from tests.bench.machines import load
from tests.bench.populate import Populated, Shape, add_history, first_day, populate, services_of

from kit.web.brand import RELOAD_FOR_UNKNOWN_S

ZONE = ZoneInfo("Europe/Berlin")
COUNTY = Shape(prefix="county", tenants=11, lanes=40, days=60)
COUNTRY = Shape(prefix="country", tenants=11_000, lanes=20, days=60)
HISTORY = 200_000
ASKED = 400
"""Lists and bookings in a row, by one citizen after the other."""
TOWNS = 1_000
"""Of the country, from which the questions come."""
WARM_ROUNDS = 5
"""Until each worker has read nearly every one of these towns' catalogues."""
CITIZENS = 16


class Cost(msgspec.Struct, frozen=True):
    """Medians, of one request after the other."""

    size: str
    find_ms: float
    hold_ms: float


class AtSize(msgspec.Struct, frozen=True):
    tenants: int
    masks: int
    load_s: float
    size_gb: float
    first_find_ms: float
    """At a town of which nobody has asked before: its catalogue is read."""
    find_ms: float
    find_p99_ms: float
    find_per_s: float
    hold_ms: float
    hold_p99_ms: float
    hold_per_s: float


def growth(owner: str, port: int) -> Iterator[Cost]:
    base = Shape(prefix="base", tenants=1, lanes=20, days=30)
    grown = msgspec.structs.replace
    shapes = {
        "20 lanes, 30 days, half taken": base,
        **{f"{lanes} lanes": grown(base, prefix=f"lanes{lanes}-", lanes=lanes) for lanes in (10, 40, 80)},
        **{f"{days} days": grown(base, prefix=f"days{days}-", days=days) for days in (10, 60)},
        **{f"{taken:.0%} taken": grown(base, prefix=f"taken{taken:.0%}"[:-1], taken=taken) for taken in (0.0, 0.9)},
    }
    for shape in shapes.values():
        asyncio.run(populate(owner, shape))
    _wait_until_known(port, base)
    for size, shape in shapes.items():
        yield _ask(port, owner, shape, size)
    asyncio.run(add_history(owner, base.slug(0), HISTORY))
    yield _ask(port, owner, base, f"{HISTORY:,} visits of the past")


def at_size(owner: str, port: int, shape: Shape, seconds: float) -> AtSize:
    """Questions and bookings at towns by chance: first by two citizens at a time, for how long one waits; then by
    sixteen, for how many the machine serves.
    """
    populated: Populated = asyncio.run(populate(owner, shape))
    _wait_until_known(port, shape)
    towns = asyncio.run(services_of(owner, shape))
    chosen = random.Random(7).sample(towns, min(TOWNS, len(towns)))
    finds = [_find(tenant, service, 30) for tenant, service in chosen]
    holds = _holds(chosen, shape)
    first = _load(port, 2, finds)
    _load(port, CITIZENS, finds * WARM_ROUNDS)
    alone = _load(port, 2, finds, seconds)
    busy = _load(port, CITIZENS, finds, seconds)
    held_alone = _load(port, 2, list(islice(holds, ASKED)), expected="201")
    held_busy = _load(port, CITIZENS, list(islice(holds, int(seconds * 1500))), expected="201")
    return AtSize(
        tenants=shape.tenants,
        masks=populated.masks,
        load_s=populated.seconds,
        size_gb=populated.size_gb,
        first_find_ms=first.p50_ms,
        find_ms=alone.p50_ms,
        find_p99_ms=alone.p99_ms,
        find_per_s=busy.per_s,
        hold_ms=held_alone.p50_ms,
        hold_p99_ms=held_alone.p99_ms,
        hold_per_s=held_busy.per_s,
    )


def _wait_until_known(port: int, shape: Shape) -> None:
    """A tenant that was just configured is known some seconds later in each worker."""
    _load(port, CITIZENS, [get(f"/v1/tenants/{shape.slug(0)}/services")] * CITIZENS)
    time.sleep(RELOAD_FOR_UNKNOWN_S + 1)


def _ask(port: int, owner: str, shape: Shape, size: str) -> Cost:
    ((tenant, service),) = asyncio.run(services_of(owner, shape))
    question = _find(tenant, service, shape.days)
    found = _load(port, 1, [question] * ASKED)
    held = _load(port, 1, list(islice(_free(port, tenant, service, shape.days), ASKED)), expected="201")
    return Cost(size, found.p50_ms, held.p50_ms)


def _free(port: int, tenant: str, service: UUID, days: int) -> Iterator[str]:
    """Bookings of the times that the list names, each once, in disorder."""
    url = f"http://127.0.0.1:{port}{_availability(tenant, service, days)}"
    with urlopen(url, timeout=10) as answer:
        listed: dict[str, Any] = msgspec.json.decode(answer.read())
    starts = [
        datetime.combine(date.fromisoformat(day["date"]), clock_time.fromisoformat(clock), ZONE)
        for day in listed["days"]
        for clock in day["times"]
    ]
    random.Random(3).shuffle(starts)
    return (_hold(tenant, service, start) for start in starts)


def _holds(towns: list[tuple[str, UUID]], shape: Shape) -> Iterator[str]:
    """At a town by chance, at a time by chance: of so many lanes one is free."""
    chance = random.Random(11)
    while True:
        tenant, service = chance.choice(towns)
        day = first_day() + timedelta(days=chance.randrange(1, shape.days - 1))
        start = datetime.combine(day, clock_time(8), ZONE) + timedelta(minutes=15 * chance.randrange(32))
        yield _hold(tenant, service, start)


def _availability(tenant: str, service: UUID, days: int) -> str:
    return f"/v1/tenants/{tenant}/availability?items={service}:1&days={days}&from={first_day()}"


def _find(tenant: str, service: UUID, days: int) -> str:
    return get(_availability(tenant, service, days))


def _hold(tenant: str, service: UUID, start: datetime) -> str:
    body = {"items": [{"service_id": str(service), "quantity": 1}], "start": start}
    return post(f"/v1/tenants/{tenant}/appointments", str(uuid4()), msgspec.json.encode(body))


def _load(
    port: int, connections: int, requests: list[str], seconds: float | None = None, expected: str = "200"
) -> Outcome:
    outcome = load(Plan(port, connections, requests, seconds))
    if set(outcome.statuses) != {expected}:
        raise RuntimeError(f"unexpected answers {outcome.statuses}")
    return outcome
