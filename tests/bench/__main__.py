"""`make bench`: everything in one run on one machine, so that ratios mean something. Writes var/bench.json and a table.

The client, the servers and the database share the same cores, as on the small machine that a county would buy.
"""

import asyncio
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from tests.bench import town
from tests.bench.load import Outcome, Plan, get, post
from tests.bench.machines import WORKERS, free_port, load, pgbench, postgres, web_server

from booking.usecases.check_masks import check_masks
from demo.engines import Postgres
from kit.migrate import migrate
from kit.sql import open_pool

SECONDS = 6
CONNECTIONS = 16
CITIZENS = 500
SLOTS = 100
GOALS = {"find_vs_select": 0.5, "keep_vs_pgbench": 0.3}
KEYS = {"LINK_KEY": "bench-link-key-0123", "STAFF_KEY": "bench-staff-key-0123", "SERVICE_TOKEN": "bench-service-token"}


class Bench:
    def __init__(self, server: Postgres) -> None:
        self.server = server
        self.url = server.url("booking_app", "booking")
        self.figures: dict[str, dict[str, Any]] = {}

    def measure(self, name: str, plan: Plan, expected: str = "200") -> Outcome:
        outcome = load(plan)
        if name != "rush" and set(outcome.statuses) != {expected}:
            raise RuntimeError(f"{name}: unexpected answers {outcome.statuses}")
        self.note(name, per_s=outcome.per_s, p50_ms=outcome.p50_ms, p99_ms=outcome.p99_ms)
        return outcome

    def note(self, name: str, **figures: float) -> None:
        self.figures[name] = {key: round(value, 2) for key, value in figures.items()}
        print("  " + name.ljust(22) + "  ".join(f"{key} {value:,.2f}" for key, value in figures.items()), flush=True)

    def prepare(self) -> None:
        print("Preparing the town: 100 lanes, 60 days …", flush=True)
        owner = self.server.url("booking_owner", "booking")
        asyncio.run(migrate(owner, ["kit", "booking"], "booking_app"))
        asyncio.run(town.build(self.url))
        asyncio.run(town.minimal_tables(owner))
        self.server.run("VACUUM ANALYZE", "CHECKPOINT", database="booking")

    def yardsticks(self) -> None:
        port = free_port()
        command = ["tests.bench.yardstick", str(port), str(WORKERS)]
        with web_server(command, port, {"DATABASE_URL": self.url}, "/hello"):
            for name in ("hello", "select"):
                self.measure(name, Plan(port, CONNECTIONS, [get(f"/{name}")], SECONDS))

    def pgbench(self) -> None:
        script = Path(__file__).parent / "minimal_booking.sql"
        per_s = pgbench(self.server.url("booking_owner", "booking"), script, CONNECTIONS, SECONDS)
        self.note("pgbench", per_s=per_s)

    def finds(self) -> None:
        """Once with every list read from the database, once as shipped, where a list may be a second old."""
        for suffix, age in (("", "0"), ("_cached", "1")):
            with self._booking({"LIST_AGE_S": age}) as port:
                self.measure(f"find_10{suffix}", Plan(port, CONNECTIONS, [_availability("ten", 30)], SECONDS))
                self.measure(f"find_40x60{suffix}", Plan(port, CONNECTIONS, [_availability("forty", 60)], SECONDS))

    def keeps(self) -> None:
        bodies = town.hold_bodies("keep", town.spread_starts(5_000 * SECONDS))
        requests = [post(_APPOINTMENTS, str(uuid4()), body) for body in bodies]
        with self._booking({}) as port:
            self.measure("keep", Plan(port, CONNECTIONS, requests, SECONDS), "201")

    def rush(self) -> None:
        bodies = town.hold_bodies("rush", town.rush_starts(CITIZENS))
        requests = [post(_APPOINTMENTS, str(uuid4()), body) for body in bodies]
        with self._booking({}) as port:
            load(Plan(port, CONNECTIONS, [get("/v1/tenants")] * 200))  # both workers awake
            outcome = self.measure("rush", Plan(port, CITIZENS, requests))
        if outcome.statuses != {"201": SLOTS, "409": CITIZENS - SLOTS}:
            raise RuntimeError(f"The rush kept what it should not: {outcome.statuses}")
        self.note("rush", seconds=outcome.seconds, kept=outcome.statuses["201"], p99_ms=outcome.p99_ms)

    def check(self) -> None:
        """The masks of what was booked still say what the rules and the occupation say."""

        async def wrong() -> int:
            async with open_pool(self.url) as pool:
                lanes = {row["id"] for row in await pool.fetch(
                    "SELECT l.id FROM lane l JOIN location p ON p.id = l.location_id WHERE p.name = 'rush'"
                )}  # fmt: skip
                return sum(item.lane_id in lanes for item in await check_masks(pool, town.TENANT, datetime.now(UTC)))

        if asyncio.run(wrong()):
            raise RuntimeError("Masks and occupation differ after the rush.")

    def _booking(self, more: dict[str, str]) -> Any:
        port = free_port()
        environment = {"DATABASE_URL": self.url, "PORT": str(port), "WEB_WORKERS": str(WORKERS), "LOG_LEVEL": "WARNING"}
        return web_server(["booking", "serve"], port, environment | KEYS | more, "/health/ready")

    def ratios(self) -> dict[str, float]:
        speed = {name: figures.get("per_s", 0.0) for name, figures in self.figures.items()}
        return {
            "find_vs_select": speed["find_10"] / speed["select"],
            "find_40x60_vs_select": speed["find_40x60"] / speed["select"],
            "find_cached_vs_select": speed["find_10_cached"] / speed["select"],
            "find_40x60_cached_vs_select": speed["find_40x60_cached"] / speed["select"],
            "keep_vs_pgbench": speed["keep"] / speed["pgbench"],
            "rush_s": self.figures["rush"]["seconds"],
        }


_APPOINTMENTS = f"/v1/tenants/{town.TENANT}/appointments"


def _availability(service: str, days: int) -> str:
    return get(f"/v1/tenants/{town.TENANT}/availability?items={town.service_id(service)}:1&days={days}")


def main() -> None:
    folder = Path(tempfile.mkdtemp(prefix="schalter-bench-"))
    try:
        with postgres(folder) as server:
            bench = Bench(server)
            bench.prepare()
            print(f"Measuring: {WORKERS} workers, {CONNECTIONS} connections, {SECONDS} s each", flush=True)
            for step in (bench.yardsticks, bench.pgbench, bench.finds, bench.keeps, bench.rush, bench.check):
                step()
            ratios = {name: round(value, 3) for name, value in bench.ratios().items()}
            write(bench.figures, ratios)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(figures: dict[str, dict[str, Any]], ratios: dict[str, float]) -> None:
    print("\nRatios")
    for name, value in ratios.items():
        goal = f"   goal ≥ {GOALS[name]}" if name in GOALS else ""
        print(f"  {name.ljust(28)}{value:8.3f}{goal}")
    file = Path("var/bench.json")
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode({"figures": figures, "ratios": ratios}), indent=2))
    print(f"\nWritten to {file}")


if __name__ == "__main__":
    main()
