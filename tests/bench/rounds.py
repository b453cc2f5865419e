"""The figures of a town at work: rounds of lists and bookings beside what the machine could do at most."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from tests.bench import town
from tests.bench.load import Plan, get, post
from tests.bench.machines import load, pgbench
from tests.booking.support.masks import check_masks

from demo.engines import Postgres
from kit.sql import open_pool

ROUNDS = 3
SECONDS = 3
CONNECTIONS = 16
CITIZENS = 500
SLOTS = 100
QUESTIONS = 30
HOLDS_PER_S_MAX = 4_000


class Rounds:
    """Each figure is the best of some rounds, taken in turn: a neighbour on the machine then disturbs all alike."""

    def __init__(self, server: Postgres, servers: dict[str, int]) -> None:
        self.server = server
        self.ports = servers
        self.figures: dict[str, dict[str, float]] = {}
        self.starts = iter(town.spread_starts(ROUNDS * SECONDS * HOLDS_PER_S_MAX))

    def round(self, number: int) -> None:
        print(f"Round {number} of {ROUNDS}", flush=True)
        for name in ("hello", "select"):
            self.load(name, Plan(self.ports["yardstick"], CONNECTIONS, [get(f"/{name}")], SECONDS))
        self.note("pgbench", {"per_s": self.pgbench()})
        for suffix in ("", "_cached"):
            port = self.ports[f"booking{suffix}"]
            self.load(f"find_10{suffix}", Plan(port, CONNECTIONS, questions("ten", 30), SECONDS))
            self.load(f"find_40x60{suffix}", Plan(port, CONNECTIONS, questions("forty", 60), SECONDS))
        bodies = town.hold_bodies("keep", [next(self.starts) for _ in range(SECONDS * HOLDS_PER_S_MAX)])
        requests = [post(_APPOINTMENTS, str(uuid4()), body) for body in bodies]
        self.load("keep", Plan(self.ports["booking"], CONNECTIONS, requests, SECONDS), "201")

    def load(self, name: str, plan: Plan, expected: str = "200") -> None:
        outcome = load(plan)
        if set(outcome.statuses) != {expected}:
            raise RuntimeError(f"{name}: unexpected answers {outcome.statuses}")
        self.note(name, {"per_s": outcome.per_s, "p50_ms": outcome.p50_ms, "p99_ms": outcome.p99_ms})

    def note(self, name: str, figures: dict[str, float]) -> None:
        rounded = {key: round(value, 2) for key, value in figures.items()}
        print("  " + name.ljust(20) + "  ".join(f"{key} {value:,.2f}" for key, value in rounded.items()), flush=True)
        if rounded.get("per_s", 1.0) > self.figures.get(name, {}).get("per_s", 0.0):
            self.figures[name] = rounded

    def pgbench(self) -> float:
        script = Path(__file__).parent / "minimal_booking.sql"
        owner = self.server.url("booking_owner", "booking")
        self.server.run("UPDATE bench_mask SET free = ~0::bit(288)", "TRUNCATE bench_occupation, bench_appointment",
                        "VACUUM bench_mask", database="booking")  # fmt: skip
        return pgbench(owner, script, CONNECTIONS, SECONDS)

    def rush(self) -> None:
        bodies = town.hold_bodies("rush", town.rush_starts(CITIZENS))
        outcome = load(
            Plan(self.ports["booking"], CITIZENS, [post(_APPOINTMENTS, str(uuid4()), body) for body in bodies])
        )
        if outcome.statuses != {"201": SLOTS, "409": CITIZENS - SLOTS}:
            raise RuntimeError(f"The rush kept what it should not: {outcome.statuses}")
        self.note("rush", {"seconds": outcome.seconds, "kept": outcome.statuses["201"], "p99_ms": outcome.p99_ms})

    def check(self) -> None:
        """The masks of what the rush booked still say what the rules and the occupation say."""
        if asyncio.run(wrong_masks(self.server.url("booking_app", "booking"))):
            raise RuntimeError("Masks and occupation differ after the rush.")

    def ratios(self) -> dict[str, float]:
        speed = {name: figures.get("per_s", 0.0) for name, figures in self.figures.items()}
        ratios = {
            "find_vs_select": speed["find_10_cached"] / speed["select"],
            "find_40x60_vs_select": speed["find_40x60_cached"] / speed["select"],
            "find_uncached_vs_select": speed["find_10"] / speed["select"],
            "find_40x60_uncached_vs_select": speed["find_40x60"] / speed["select"],
            "keep_vs_pgbench": speed["keep"] / speed["pgbench"],
            "rush_s": self.figures["rush"]["seconds"],
        }
        return {name: round(value, 3) for name, value in ratios.items()}


async def wrong_masks(url: str) -> int:
    async with open_pool(url) as pool:
        rows = await pool.fetch("SELECT l.id FROM lane l JOIN location p ON p.id = l.location_id WHERE p.name = 'rush'")
        lanes = {row["id"] for row in rows}
        return sum(item.lane_id in lanes for item in await check_masks(pool, town.TENANT, datetime.now(UTC)))


_APPOINTMENTS = f"/v1/tenants/{town.TENANT}/appointments"


def questions(service: str, days: int) -> list[str]:
    """Thirty different lists, as citizens leaf through the days: from today, tomorrow, …"""
    path = f"/v1/tenants/{town.TENANT}/availability?items={town.service_id(service)}:1"
    today = datetime.now(UTC).date() + timedelta(days=1)
    return [get(f"{path}&days={days}&from={today + timedelta(days=ahead)}") for ahead in range(QUESTIONS)]
