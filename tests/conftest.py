"""One PostgreSQL and one NATS server for all tests, started by the process that collects; databases from templates.

The servers' addresses reach xdist's workers by the environment.
"""

import asyncio
import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support.database import Database, fresh_database
from tests.support.sandbox import Receiver, Sandbox, running_sandbox
from tests.support.system import System, running_system
from xdist.scheduler import LoadScopeScheduling

from demo.engines import Nats, Postgres, create_databases
from kit.migrate import migrate
from kit.sql import Pool, open_pool
from notify.store.claims import BY_INDEX

SERVICES = ["booking", "payment", "notify"]
MEMORY_BYTES = 4 * 1024**3
_running: list[Postgres | Nats] = []
_folder: Path | None = None


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or config.option.collectonly:
        return
    global _folder  # noqa: PLW0603 - pytest's hooks share state by module
    _folder = Path(tempfile.mkdtemp(prefix="schalter-test-", dir=_memory()))
    postgres = Postgres(_folder / "postgres", fast=True)
    nats = Nats(_folder / "nats")
    for engine in (postgres, nats):
        _running.append(engine)
        engine.start()
    os.environ["TEST_POSTGRES_URL"] = postgres.url("{user}", "{database}")
    os.environ["TEST_NATS_URL"] = nats.url
    create_databases(postgres, SERVICES)
    for service in SERVICES:
        asyncio.run(migrate(postgres.url(f"{service}_owner", service), ["kit", service], f"{service}_app"))


def _memory() -> Path | None:
    """Where databases are copied ten times as quickly as on a disk, if there is room for them."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own in it
    return memory if memory.is_dir() and shutil.disk_usage(memory).free > MEMORY_BYTES else None


TOGETHER = {
    "tests/journeys/": "system",
    "tests/faults/": "system",
    "tests/payment/gateways/test_paypal_specification.py": "prism",
    "tests/notify/templates/test_judges.py": "judges",
}
"""What needs the same costly thing runs in one of xdist's processes, so that there is one of it."""


class _Together(LoadScopeScheduling):
    """xdist's own groups (`--dist loadgroup`) are written into test names, which pytest 9.2 does not allow any more."""

    def _split_scope(self, nodeid: str) -> str:
        return next((group for begin, group in TOGETHER.items() if nodeid.startswith(begin)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Together:
    return _Together(config, log)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: the garbage collector need not look at it again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    for engine in reversed(_running):
        engine.stop()
    _running.clear()
    if _folder:
        shutil.rmtree(_folder, ignore_errors=True)


@pytest.fixture(scope="session")
def nats_url() -> str:
    return os.environ["TEST_NATS_URL"]


@pytest.fixture
def booking_database() -> Iterator[Database]:
    yield from fresh_database("booking")


@pytest.fixture
def payment_database() -> Iterator[Database]:
    yield from fresh_database("payment")


@pytest.fixture
def notify_database() -> Iterator[Database]:
    yield from fresh_database("notify")


@pytest.fixture
async def booking_pool(booking_database: Database) -> AsyncIterator[Pool]:
    async with open_pool(booking_database.url) as pool:
        yield pool


@pytest.fixture
async def payment_pool(payment_database: Database) -> AsyncIterator[Pool]:
    async with open_pool(payment_database.all_tenants_url) as pool:
        yield pool


@pytest.fixture
async def notify_pool(notify_database: Database) -> AsyncIterator[Pool]:
    async with open_pool(notify_database.url, settings=BY_INDEX) as pool:  # as those who prepare and send have it
        yield pool


@pytest.fixture(scope="session")
def system() -> Iterator[System]:
    """The whole demo, for journeys and faults."""
    with running_system({"UNFINISHED_AFTER_MIN": "0.2", "DEMO_WITHOUT_STANDING_ORDER": "gangelt"}) as running:
        yield running
        running.http.close()


@pytest.fixture(scope="session")
def _servers() -> Iterator[tuple[Sandbox, Receiver]]:
    with running_sandbox() as servers:
        yield servers


@pytest.fixture
def sandbox(_servers: tuple[Sandbox, Receiver]) -> Iterator[Sandbox]:
    yield _servers[0]
    _servers[0].set_faults()
    _servers[0].http.cookies.clear()  # the language that a page was read in


@pytest.fixture
def receiver(_servers: tuple[Sandbox, Receiver]) -> Receiver:
    return _servers[1]
