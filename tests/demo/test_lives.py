"""The demo's own life: one in a folder, gone with its terminal, and none of its engines outlives it."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest
from tests.support.system import find_free_ports

from demo.engines import Postgres
from demo.lock import lock_folder

START_AND_WAIT = """
import sys, time
from pathlib import Path
from demo.engines import Postgres

server = Postgres(Path(sys.argv[1]))
server.start()
print(server.url("postgres", "postgres"), flush=True)
time.sleep(3600)
"""


@contextmanager
def started(*command: str, folder: Path) -> Iterator["subprocess.Popen[str]"]:
    environment = {**os.environ, "DEMO_DATA": str(folder), "DEMO_PORT": str(find_free_ports())}
    for name in ("DATABASE_URL", "NATS_URL"):
        environment.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, *command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509 - no threads in a test
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def running_in(folder: Path) -> list[str]:
    """Command lines of processes that work in the folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_text()
        except OSError:  # it ended meanwhile
            continue
        if str(folder) in line:
            found.append(line)
    return found


def until_nothing_runs_in(folder: Path) -> None:
    deadline = time.monotonic() + 15
    while left := running_in(folder):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)


def test_a_second_one_in_the_same_folder_touches_nothing(tmp_path: Path) -> None:
    (tmp_path / "demo.json").write_text('{"portal": "http://127.0.0.1:8000"}')
    with lock_folder(tmp_path), started("-m", "demo", folder=tmp_path) as second:
        said, _ = second.communicate(timeout=20)
    assert second.returncode == 1
    assert "already running here (http://127.0.0.1:8000)" in said
    assert {file.name for file in tmp_path.iterdir()} == {"demo.json", "demo.lock"}


def test_two_folders_are_two_demos(tmp_path: Path) -> None:
    with lock_folder(tmp_path / "one"), lock_folder(tmp_path / "two"):
        pass
    with lock_folder(tmp_path / "one"):
        pass


def test_a_closed_terminal_leaves_nothing_behind(tmp_path: Path) -> None:
    with started("-m", "demo", folder=tmp_path) as demo:
        while not (tmp_path / "demo/nats/nats.log").exists():  # both engines are up, or about to be
            assert demo.poll() is None
            time.sleep(0.02)
        assert demo.stdout is not None
        demo.stdout.close()  # as the terminal's is
        demo.send_signal(signal.SIGHUP)
        demo.wait(30)  # nobody reads its exit code; it may just have had something to say to the closed terminal
    until_nothing_runs_in(tmp_path)
    assert not (tmp_path / "demo.json").exists()


def test_postgres_ends_with_a_killed_parent_though_a_client_stays(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    server = Postgres(data)
    with asyncio.Runner() as runner:
        with started("-c", START_AND_WAIT, str(data), folder=tmp_path) as parent:
            assert parent.stdout is not None
            client = runner.run(asyncpg.connect(parent.stdout.readline().strip()))
            parent.kill()
        try:
            server.start()  # waits for the old one, which does not wait for its client
            with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
                runner.run(client.execute("SELECT 1"))
        finally:
            server.stop()
    until_nothing_runs_in(data)


def test_a_backend_that_outlives_its_killed_server_does_not_keep_the_next_from_starting(tmp_path: Path) -> None:
    """It is stopped here; in earnest it waited for a lock of another that was killed as well."""
    server = Postgres(tmp_path / "postgres", fast=True)
    try:
        server.start()
        backends = list(server._list_processes())
        assert server.process is not None
        os.kill(backends[0], signal.SIGSTOP)
        server.process.kill()
        server.process.wait()
        server.start()
        assert backends[0] not in server._list_processes()
    finally:
        server.stop()
