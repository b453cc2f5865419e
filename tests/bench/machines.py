"""Servers for the bench: PostgreSQL that really syncs, and the web servers under measure. All end with the bench."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from tests.bench.load import Outcome, Plan

from demo.engines import Postgres, create_databases, find_postgres_bin

WORKERS = 2


@contextmanager
def postgres(folder: Path) -> Iterator[Postgres]:
    server = Postgres(folder / "postgres")
    try:
        server.start()
        create_databases(server, ["booking"])
        yield server
    finally:
        server.stop()


@contextmanager
def web_server(command: list[str], port: int, environment: dict[str, str], probe: str) -> Iterator[int]:
    process = subprocess.Popen(
        [sys.executable, "-m", *command], env=os.environ | environment, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}{probe}", process)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 - our own server on loopback
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{url} does not answer")


def load(plan: Plan) -> Outcome:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.load"], input=msgspec.json.encode(plan), capture_output=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr.decode())
    return msgspec.json.decode(done.stdout, type=Outcome)


def pgbench(url: str, script: Path, clients: int, seconds: int) -> float:
    """Transactions a second."""
    command = [str(find_postgres_bin() / "pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2"]
    command += ["-T", str(seconds), "-D", "i=0", "-f", str(script), url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr)
    line = next(line for line in done.stdout.splitlines() if line.startswith("tps"))
    return float(line.split()[2])
