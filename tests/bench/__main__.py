"""`make bench`: everything in one run on one machine, so that ratios mean something. Writes var/bench.json and tables.

The client, the servers and the database share the same cores, as on the small machine that a county would buy.
`make bench BENCH_ARGS="town sizes"` measures only these parts of `town payments close mails sizes county catalogue
country`.
"""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from tests.bench import closing, mails, till, town
from tests.bench.import_catalogue import import_catalogue
from tests.bench.machines import WORKERS, free_port, postgres, web_server
from tests.bench.rounds import CONNECTIONS, ROUNDS, SECONDS, Rounds
from tests.bench.sizes import COUNTRY, COUNTY, at_size, growth

from demo.engines import Postgres
from demo.processes import HIGH_RATES
from kit.migrate import migrate

KEYS = {"LINK_KEY": "bench-link-key-0123", "STAFF_KEY": "bench-staff-key-0123", "SERVICE_TOKEN": "bench-service-token"}
CATALOGUES_MAX = 20_000
"""In memory: a country is not served by the small default."""
GOALS: Final = {
    "find_vs_select": "≥ 0.6",
    "keep_vs_pgbench": "≥ 0.35",
    "rush_s": "≤ 0.4",
    "create_vs_pgbench": "≥ 0.3",
    "webhooks_vs_pgbench": "≥ 0.4",
    "mails_per_s": "≥ 400 (two workers)",
    "country_find_ms": "≤ 3",
}


class House:
    """The machine with its database and servers, and what was measured on it."""

    def __init__(self, server: Postgres, ports: dict[str, int], folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.ports = ports
        self.owner = server.url("booking_owner", "booking")
        self.found: dict[str, Any] = {}

    def town(self) -> None:
        print(f"A town: {WORKERS} workers, {CONNECTIONS} connections, {SECONDS} s each", flush=True)
        rounds = Rounds(self.server, self.ports)
        for number in range(1, ROUNDS + 1):
            rounds.round(number)
        rounds.rush()
        rounds.check()
        self.found["figures"] = rounds.figures
        self.found.setdefault("ratios", {}).update(rounds.ratios())

    def payments(self) -> None:
        print(f"A till: {WORKERS} workers, {CONNECTIONS} connections, {SECONDS} s each", flush=True)
        figures, ratios = till.measure(self.server, WORKERS)
        self.found["payments"] = figures
        self.found.setdefault("ratios", {}).update(ratios)

    def close(self) -> None:
        print("A day close and its export", flush=True)
        figures, grown = closing.measure(self.server)
        self.found["close"] = figures
        self.found.setdefault("ratios", {}).update(grown)

    def mails(self) -> None:
        print("Mails: rendered, stored, sent and settled", flush=True)
        measured = mails.measure(self.server, self.folder)
        if measured:
            self.found["mails"], ratios = measured
            self.found.setdefault("ratios", {}).update(ratios)

    def sizes(self) -> None:
        print("As things grow: medians of one request after the other", flush=True)
        self.found["growth"] = []
        for cost in growth(self.owner, self.ports["booking"]):
            print(f"  {cost.size.ljust(34)}find {cost.find_ms:5.2f} ms   hold {cost.hold_ms:5.2f} ms", flush=True)
            self.found["growth"].append(cost)

    def county(self) -> None:
        print("A county: 11 tenants, 40 lanes each, 60 days", flush=True)
        self.found["county"] = _show(at_size(self.owner, self.ports["booking"], COUNTY, SECONDS))

    def catalogue(self) -> None:
        print("The catalogue of a large city", flush=True)
        self.found["catalogue"] = _show(asyncio.run(import_catalogue(self.server.url("booking_app", "booking"))))

    def country(self) -> None:
        print("A country: 11,000 tenants, 20 lanes each, 60 days; filling takes minutes", flush=True)
        found = at_size(self.owner, self.ports["booking"], COUNTRY, SECONDS)
        self.found["country"] = _show(found)
        self.found.setdefault("ratios", {})["country_find_ms"] = round(found.find_ms, 2)


PARTS: Final[dict[str, Callable[[House], None]]] = {
    "town": House.town,
    "payments": House.payments,
    "close": House.close,
    "mails": House.mails,
    "sizes": House.sizes,
    "county": House.county,
    "catalogue": House.catalogue,
    "country": House.country,
}


def _show(found: msgspec.Struct | None) -> msgspec.Struct | None:
    for name, value in (msgspec.structs.asdict(found) if found else {}).items():
        print(f"  {name.ljust(20)}{value:12,.2f}", flush=True)
    return found


@contextmanager
def servers(url: str) -> Iterator[dict[str, int]]:
    """The yardstick; booking that asks the database for each list; booking as shipped, whose lists may be 1 s old."""
    ports = {name: free_port() for name in ("yardstick", "booking", "booking_cached")}
    common = (
        {
            "DATABASE_URL": url,
            "WEB_WORKERS": str(WORKERS),
            "LOG_LEVEL": "WARNING",
            "CATALOGUES_MAX": str(CATALOGUES_MAX),
        }
        | KEYS
        | HIGH_RATES
    )
    with ExitStack() as stack:
        command = ["tests.bench.yardstick", str(ports["yardstick"]), str(WORKERS)]
        stack.enter_context(web_server(command, ports["yardstick"], common, "/hello"))
        for name, age in (("booking", "0"), ("booking_cached", "1")):
            environment = common | {"PORT": str(ports[name]), "LIST_AGE_S": age}
            stack.enter_context(web_server(["booking", "serve"], ports[name], environment, "/health/ready"))
        yield ports


def prepare(server: Postgres) -> None:
    print("Preparing the town: 100 lanes, 60 days, 3,000 appointments", flush=True)
    owner = server.url("booking_owner", "booking")
    asyncio.run(migrate(owner, ["kit", "booking"], "booking_app"))
    asyncio.run(town.build(server.url("booking_app", "booking")))
    asyncio.run(town.minimal_tables(owner))
    server.run("VACUUM ANALYZE", "CHECKPOINT", database="booking")


def main(parts: list[str]) -> None:
    unknown = set(parts) - set(PARTS)
    if unknown:
        raise SystemExit(f"There is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}.")
    folder = Path(tempfile.mkdtemp(prefix="schalter-bench-"))
    try:
        with postgres(folder) as server:
            prepare(server)
            with servers(server.url("booking_app", "booking")) as ports:
                house = House(server, ports, folder)
                for name, part in PARTS.items():
                    if name in parts or not parts:
                        part(house)
            write(house.found)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(found: dict[str, Any]) -> None:
    print("\nRatios")
    for name, value in found.get("ratios", {}).items():
        goal = f"   goal {GOALS[name]}" if name in GOALS else ""
        print(f"  {name.ljust(32)}{value:8.3f}{goal}")
    file = Path("var/bench.json")
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2))
    print(f"\nWritten to {file}")


if __name__ == "__main__":
    main(sys.argv[1:])
