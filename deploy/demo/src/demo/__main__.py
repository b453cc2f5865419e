"""`make demo`: the whole system with sample data on 127.0.0.1, until Ctrl-C.

Engines come from wheels; with `DATABASE_URL` (an administrator's address of a PostgreSQL server) or `NATS_URL` set, the
servers that exist are used instead. `DEMO_PORT` is the first port, `DEMO_DATA` the folder (default `var`). In the towns
named in `DEMO_WITHOUT_STANDING_ORDER` (by commas), two treasurers release what is due back by rule.
"""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import FrameType

import msgspec

from demo.accounts import account_at, complete_accounts
from demo.databases import connect_engines
from demo.engines import EngineError, Nats, Postgres
from demo.keys import Keys, load_keys, save_keys, staff_tokens, treasurer_tokens, write_private
from demo.lock import lock_folder
from demo.payment_keys import NOT_BOOKINGS, issue_api_keys
from demo.processes import (
    SERVICES,
    Engines,
    Ports,
    configure_arguments,
    environment_of,
    list_processes,
)
from demo.supervisor import Child, StartError, inherited_environment, stop_all


class Stopped(BaseException):
    """SIGINT or SIGTERM came, or the terminal was closed."""


def _raise_stopped(_: int, __: FrameType | None) -> None:
    _ignore_signals()
    raise Stopped


def _heed_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if (number, signal.getsignal(number)) != (signal.SIGHUP, signal.SIG_IGN):  # under nohup it stays ignored
            signal.signal(number, _raise_stopped)


def _ignore_signals() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)


class Demo:
    def __init__(self, folder: Path, ports: Ports, without_order: frozenset[str]) -> None:
        self.without_order = without_order
        self.file = folder / "demo.json"
        self.data = folder / "demo"
        self.ports = ports
        self.servers: list[Postgres | Nats] = []
        self.children: list[Child] = []

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.data / "log").mkdir(exist_ok=True)
        self._require_free_ports()
        keys = load_keys(self.data)
        self._say("Reaching PostgreSQL and NATS")
        engines = connect_engines(self.data, keys, self.servers)
        self._say("Preparing the databases: eleven tenants, their services, offices and opening hours")
        for command in ("migrate", "configure"):
            self._run_once(command, engines, keys)
        keys.api |= asyncio.run(issue_api_keys(engines.database_urls["payment"], keys.api))
        save_keys(self.data, keys)
        self._write_api_keys(keys)
        account = account_at(self.ports.url("payment"), keys.api["xbezahldienste"])
        asyncio.run(complete_accounts(engines.database_urls["payment"], keys.accounts, account, self.without_order))
        for process in list_processes(self.ports, engines, keys, self.data):
            self._say(f"Starting {process.name}")
            child = Child(process, self.data / "log" / f"{process.name}.log")
            self.children.append(child)
            child.start()
        for child in self.children:
            child.wait_until_ready()
        self._tell(keys)

    def watch(self) -> None:
        """Start again what dies, engines included. Returns by Stopped alone."""
        while True:
            for server in self.servers:
                if server.process and server.process.poll() is not None:
                    self._say(f"{type(server).__name__} ended; starting it again")
                    self._start_again(server)
            for child in self.children:
                if child.restart_if_dead():
                    self._say(f"{child.process.name} ended; started again")
            time.sleep(0.1)

    def _start_again(self, server: Postgres | Nats) -> None:
        """It may fail: what the dead one left is still there, or this one is killed, too. The next turn tries again."""
        try:
            server.start()
        except EngineError as error:
            self._say(str(error))

    def stop(self) -> None:
        self.file.unlink(missing_ok=True)
        stop_all(self.children)
        for server in reversed(self.servers):
            server.stop()

    def _require_free_ports(self) -> None:
        for name, port in self.ports.all().items():
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError:
                    message = f"Port {port} ({name}) is taken. Choose others: DEMO_PORT=9000 make demo"
                    raise StartError(message) from None

    def _run_once(self, command: str, engines: Engines, keys: Keys) -> None:
        """Run `migrate` or `configure` of all services side by side."""
        running = []
        for service in SERVICES:
            arguments = configure_arguments(service) if command == "configure" else []
            log = self.data / "log" / f"{service}-{command}.log"
            with log.open("wb") as stream:
                popen = subprocess.Popen(
                    [sys.executable, "-m", service, command, *arguments],
                    env=inherited_environment() | environment_of(service, self.ports, engines, keys, self.data),
                    stdout=stream,
                    stderr=stream,
                )
            running.append((popen, log))
        for popen, log in running:
            if popen.wait():
                raise StartError(f"`{command}` failed:\n{log.read_text()}")

    def _write_api_keys(self, keys: Keys) -> None:
        lines = [f'{holder} = "{key}"\n' for holder, key in keys.api.items() if holder not in NOT_BOOKINGS]
        write_private(self.data / "payment-api-keys.toml", "".join(lines).encode())

    def _tell(self, keys: Keys) -> None:
        names = ("portal", "booking", "payment", "notify", "sandbox", "mailbox")
        addresses = {name: self.ports.url(name) for name in names}
        content = addresses | {"payment_api_key": keys.api["demo"], "staff": staff_tokens(keys)}
        if self.without_order:
            content["treasurers"] = {town: treasurer_tokens(keys, town) for town in self.without_order}
        write_private(self.file, msgspec.json.format(msgspec.json.encode(content)))
        print("\nSchalter runs. Stop it with Ctrl-C.\n")
        what = {
            "portal": "start here: eleven towns, one online service",
            "mailbox": "all mails of the demo: citizens' and clerks'",
            "sandbox": "the payment providers' stand-in",
            "booking": "appointments; API at /schema",
            "payment": "checkout; API at /schema",
            "notify": "deliveries; API at /schema, pages for staff at /verwaltung",
        }
        for name, text in what.items():
            print(f"  {name:8} {addresses[name]}   {text}")
        print(f"\n  keys and tokens: {self.file}   logs: {self.data / 'log'}\n", flush=True)

    @staticmethod
    def _say(text: str) -> None:
        print(f"· {text}", flush=True)


def main() -> int:
    folder = Path(os.environ.get("DEMO_DATA", "var")).resolve()
    without_order = frozenset(os.environ.get("DEMO_WITHOUT_STANDING_ORDER", "").replace(",", " ").split())
    try:
        with lock_folder(folder):
            return _run(Demo(folder, Ports(int(os.environ.get("DEMO_PORT", "8000"))), without_order))
    except StartError as error:
        print(error, file=sys.stderr)
        return 1


def _run(demo: Demo) -> int:
    _heed_signals()
    try:
        demo.start()
        demo.watch()
    except Stopped:
        with suppress(OSError):  # a terminal that was closed takes no word
            print("\n· Stopping", flush=True)
    except (StartError, EngineError) as error:
        print(f"\nThe demo could not start: {error}", file=sys.stderr)
        return 1
    finally:
        _ignore_signals()
        demo.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
