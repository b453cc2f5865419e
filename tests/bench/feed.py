"""A clerk's feed of 2,000 visits: read whole, and asked for news alone, beside what the server can do at most."""

import asyncio
import hashlib
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
from tests.bench.load import Plan, get
from tests.bench.machines import free_port, web_server
from tests.bench.rounds import CONNECTIONS, ROUNDS, SECONDS, Rounds
from tests.notify.agendas import a_choice, an_agenda, many_visits
from tests.notify.letters import TENANT

from contracts.tenant import TenantsFile
from demo.engines import Postgres, create_databases
from kit.migrate import migrate
from kit.sql import open_pool
from notify.store.feeds import insert_feed
from notify.usecases.configure import configure

VISITS = 2_000
TOKEN = "bench-feed-token"
PATH = f"/feeds/{TOKEN}.ics"


def measure(server: Postgres, yardstick: int, workers: int) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Figures and ratios: as shipped, where a look at a feed may be a second old, and asking the database each time."""
    create_databases(server, ["notify"])
    asyncio.run(migrate(server.url("notify_owner", "notify"), ["kit", "notify"], "notify_app"))
    asyncio.run(_furnish(server.url("notify_app", "notify")))
    ports = {"feed": free_port(), "feed_unkept": free_port()}
    rounds = Rounds(server, {"yardstick": yardstick})
    with _booking() as booking_url:
        common = {
            "DATABASE_URL": server.url("notify_app", "notify"),
            "BOOKING_URL": booking_url,
            "WEB_WORKERS": str(workers),
            "LOG_LEVEL": "CRITICAL",
            "RATE_FEEDS": "off",
            **dict.fromkeys(("LINK_KEY", "STAFF_KEY", "SERVICE_TOKEN"), "bench-key-of-the-feed"),
        }
        own = [common | {"PORT": str(ports["feed"])}, common | {"PORT": str(ports["feed_unkept"]), "FEED_AGE_S": "0"}]
        with (
            web_server(["notify", "serve"], ports["feed"], own[0], "/health/ready"),
            web_server(["notify", "serve"], ports["feed_unkept"], own[1], "/health/ready"),
        ):
            _rounds(rounds, yardstick, ports)
    speed = {name: figures["per_s"] for name, figures in rounds.figures.items()}
    ratios = {
        "feed_304_vs_hello": round(speed["feed_304"] / speed["hello"], 3),
        "feed_304_unkept_vs_select": round(speed["feed_unkept_304"] / speed["select"], 3),
    }
    return rounds.figures, ratios


def _rounds(rounds: Rounds, yardstick: int, ports: dict[str, int]) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{ports['feed']}{PATH}") as answer:
        etag = answer.headers["ETag"]
    asks = get(PATH).replace("\r\n\r\n", f"\r\nIf-None-Match: {etag}\r\n\r\n")
    for number in range(1, ROUNDS + 1):
        print(f"Round {number} of {ROUNDS}", flush=True)
        for name in ("hello", "select"):
            rounds.load(name, Plan(yardstick, CONNECTIONS, [get(f"/{name}")], SECONDS))
        for name, port in ports.items():
            rounds.load(f"{name}_304", Plan(port, CONNECTIONS, [asks], SECONDS), "304")
        rounds.load("feed_whole", Plan(ports["feed"], CONNECTIONS, [get(PATH)], SECONDS))


async def _furnish(url: str) -> None:
    async with open_pool(url, size_max=1) as pool:
        await configure(pool, TenantsFile((TENANT,)))
        async with pool.acquire() as connection:
            await insert_feed(connection, a_choice("feed", hashlib.sha256(TOKEN.encode()).hexdigest()))


@contextmanager
def _booking() -> Iterator[str]:
    """Answers every call with the same long agenda."""
    body = msgspec.json.encode(an_agenda(*many_visits(VISITS)))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
            """The bench has its own words."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
