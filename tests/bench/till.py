"""Payment at work: payments created and webhooks taken, beside what the database could do at most."""

import asyncio
from contextlib import ExitStack
from uuid import uuid4

import msgspec
from tests.bench.load import Plan, post
from tests.bench.machines import free_port, web_server
from tests.bench.rounds import CONNECTIONS, ROUNDS, SECONDS, Rounds
from tests.payment.support import house
from tests.payment.support.provider import MemoryProvider

from demo.engines import Postgres, create_databases
from demo.processes import HIGH_RATES
from demo.sandbox.delivery import stripe_headers
from kit.clock import system_clock
from kit.migrate import migrate
from kit.sql import open_pool
from payment.usecases.choose_method import choose_method

PER_S_MAX = 2_000
OPEN = 200
"""Payments on their way, of which the webhooks tell."""


def measure(server: Postgres, workers: int) -> tuple[dict[str, dict[str, float]], dict[str, float]]:
    """Figures and ratios: while the provider is away, and while it answers at once that nobody has paid yet. Then what
    webhooks told of is looked at beside them, as often as the process finds time.
    """
    create_databases(server, ["payment"])
    asyncio.run(migrate(server.url("payment_owner", "payment"), ["kit", "payment"], "payment_app"))
    url = server.url("payment_app", "payment")
    key, attempts = asyncio.run(_furnish(url))
    rounds = Rounds(server, {})
    with ExitStack() as stack:
        provider_port, port, asking_port = free_port(), free_port(), free_port()
        provider = f"http://127.0.0.1:{provider_port}"
        command = ["tests.bench.open_provider", str(provider_port)]
        stack.enter_context(web_server(command, provider_port, {}, "/up"))
        for at, its_provider in ((port, f"http://127.0.0.1:{free_port()}"), (asking_port, provider)):
            environment = _environment(url, at, its_provider, workers)
            stack.enter_context(web_server(["payment", "serve"], at, environment, "/health/ready"))
        for number in range(1, ROUNDS + 1):
            print(f"Round {number} of {ROUNDS}", flush=True)
            rounds.note("pgbench", {"per_s": rounds.pgbench()})
            rounds.load("create_payment", Plan(port, CONNECTIONS, _orders(key), SECONDS), "201")
            rounds.load("take_webhook", Plan(port, CONNECTIONS, _webhooks(attempts), SECONDS))
            rounds.load("take_and_look", Plan(asking_port, CONNECTIONS, _webhooks(attempts), SECONDS))
    speed = {name: figures["per_s"] for name, figures in rounds.figures.items()}
    ratios = {
        "create_vs_pgbench": speed["create_payment"] / speed["pgbench"],
        "webhooks_vs_pgbench": speed["take_webhook"] / speed["pgbench"],
        "webhooks_and_looks_vs_pgbench": speed["take_and_look"] / speed["pgbench"],
    }
    return rounds.figures, {name: round(value, 3) for name, value in ratios.items()}


def _environment(url: str, port: int, provider: str, workers: int) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "PORT": str(port),
        "WEB_WORKERS": str(workers),
        "LOG_LEVEL": "CRITICAL",
        "PUBLIC_URL": house.PUBLIC_URL,
        "LINK_KEY": house.LINK_KEY,
        "STAFF_KEY": house.STAFF_KEY,
        "ACCOUNTS_KEY": house.ACCOUNTS_KEY,
        "STRIPE_URL": provider,
        "PAYPAL_URL": provider,
        "DEMO_MODE": "true",
    } | HIGH_RATES


async def _furnish(url: str) -> tuple[str, list[str]]:
    """A tenant, its key, and attempts of citizens who are at the provider."""
    provider, clock = MemoryProvider(), house.Clock()
    async with open_pool(f"{url}&app.all_tenants=on") as pool, house.tools_with(pool, provider, clock) as tools:
        await house.configure_tenants(pool, house.TENANT)
        for _ in range(OPEN):
            payment = await house.start(tools, expires_in_s=82_800)
            await choose_method(tools, house.TENANT, payment.id, "card")
        key = await house.key_for(pool, clock)
        return key, [session.request.attempt_id for session in provider.sessions.values()]


def _orders(key: str) -> list[str]:
    body, headers = msgspec.json.encode(house.body()), {"Authorization": f"Bearer {key}"}
    return [post("/v1/payments", str(uuid4()), body, headers) for _ in range(SECONDS * PER_S_MAX)]


def _webhooks(attempts: list[str]) -> list[str]:
    """Each of its own, signed as Stripe signs."""
    secrets, now = (f"whsec_{house.TENANT}",), system_clock()
    bodies = [_event(attempts[number % len(attempts)]) for number in range(SECONDS * PER_S_MAX)]
    path = f"/webhooks/{house.TENANT}/stripe"
    return [post(path, "", body, stripe_headers(body, secrets, now)) for body in bodies]


def _event(attempt_id: str) -> bytes:
    subject = {"id": f"cs_{attempt_id}", "object": "checkout.session", "metadata": {"attempt_id": attempt_id}}
    event = {"id": f"evt_{uuid4().hex}", "type": "checkout.session.completed", "livemode": False}
    return msgspec.json.encode(event | {"data": {"object": subject}})
