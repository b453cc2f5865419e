"""The whole system as `make demo` starts it, on free ports, with its data in a folder that is removed."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import msgspec

from demo.processes import Ports

START_TIMEOUT_S = 120


def find_free_ports() -> int:
    """The first of a range of which the demo's ports are free now; each process begins to look elsewhere."""
    begin = 20000 + os.getpid() % 250 * 40
    for first in range(begin, 32000, 40):
        if all(_is_free(port) for port in Ports(first).all().values()):
            return first
    raise RuntimeError("No free ports between 20000 and 32000.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class System:
    """Addresses, keys and mails of a running demo."""

    def __init__(self, described: dict[str, Any], data: Path, pid: int) -> None:
        self.described = described
        self.data = data
        self.pid = pid
        self.http = httpx.Client(timeout=10, follow_redirects=False)

    def url(self, name: str) -> str:
        return str(self.described[name])

    def messages(self, to: str | None = None) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.http.get(f"{self.url('mailbox')}/api/messages").json()["items"]
        return [item for item in items if to is None or to in str(item["to"])]

    def message(self, id_: str) -> bytes:
        return self.http.get(f"{self.url('mailbox')}/api/messages/{id_}.eml").content

    def ledger(self) -> Any:
        """What the providers hold to be true."""
        return self.http.get(f"{self.url('sandbox')}/control/ledger").json()

    def child_pids(self, name: str) -> list[int]:
        """Processes of the demo whose command line contains `name`."""
        return [pid for pid in _children_of(self.pid) if name in _command_of(pid)]

    def setting(self, process: str, name: str) -> str:
        """What a process of the demo was started with: the address of its database, for instance."""
        environment = Path(f"/proc/{self.child_pids(process)[0]}/environ").read_bytes().decode().split("\0")
        return next(line.partition("=")[2] for line in environment if line.startswith(f"{name}="))

    def kill(self, name: str) -> None:
        self._signal(name, signal.SIGKILL)

    @contextmanager
    def paused(self, name: str) -> Iterator[None]:
        """Alive and mute: peers run into their time-outs."""
        self._signal(name, signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(name, signal.SIGCONT)

    def _signal(self, name: str, number: signal.Signals) -> None:
        pids = self.child_pids(name)
        assert pids, f"no process {name}"
        for pid in [*pids, *(child for parent in pids for child in _children_of(parent))]:
            with suppress(ProcessLookupError):  # it ended by itself in between
                os.kill(pid, number)

    def is_ready(self) -> bool:
        try:
            answers = [self.http.get(f"{self.url(name)}/health/ready") for name in ("booking", "payment", "notify")]
        except httpx.HTTPError:
            return False
        return all(answer.status_code == 200 for answer in answers)


def _command_of(pid: int) -> str:
    """The words of its command line; none of a process that is gone by now."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""


def _children_of(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            if int(fields[1]) == pid:
                found.append(int(entry.name))
    return found


@contextmanager
def running_system(extra: dict[str, str] | None = None) -> Iterator[System]:
    folder = Path(tempfile.mkdtemp(prefix="schalter-system-"))
    environment = {**os.environ, "DEMO_PORT": str(find_free_ports()), "DEMO_DATA": str(folder), **(extra or {})}
    for name in ("DATABASE_URL", "NATS_URL"):
        environment.pop(name, None)
    log = (folder / "demo.log").open("wb")
    process = subprocess.Popen([sys.executable, "-m", "demo"], env=environment, stdout=log, stderr=log)
    try:
        yield _wait_until_started(process, folder)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()
        _keep_logs(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_started(process: subprocess.Popen[bytes], folder: Path) -> System:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        if (folder / "demo.json").exists():
            return System(msgspec.json.decode((folder / "demo.json").read_bytes()), folder / "demo", process.pid)
        time.sleep(0.1)
    raise RuntimeError(f"The demo did not start:\n{(folder / 'demo.log').read_text()}")


def _keep_logs(folder: Path) -> None:
    """Logs of the last run, for whoever looks for the cause of a failure."""
    kept = Path("var/test-logs")
    shutil.rmtree(kept, ignore_errors=True)
    if (folder / "demo/log").exists():
        shutil.copytree(folder / "demo/log", kept)
        shutil.copy(folder / "demo.log", kept)
