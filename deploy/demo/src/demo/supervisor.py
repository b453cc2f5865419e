"""Starts processes in order, starts again what dies, stops them in reverse."""

import os
import subprocess
import time
from pathlib import Path

import httpx

from demo.processes import Process
from kit.serve import die_with_parent

READY_TIMEOUT_S = 60
STOP_TIMEOUT_S = 8
RESTART_DELAY_S = 0.5


class StartError(Exception):
    """A process did not come up. The message names its log."""


def inherited_environment() -> dict[str, str]:
    """What a child needs of ours, and nothing else: a stray variable must not become a setting."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "SSL_CERT_FILE")
    return {name: os.environ[name] for name in kept if name in os.environ}


class Child:
    """One process of the demo, its log, and its life."""

    def __init__(self, process: Process, log: Path) -> None:
        self.process = process
        self.log = log
        self.popen: subprocess.Popen[bytes] | None = None
        self.died_at: float | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.popen = subprocess.Popen(
                self.process.command,
                env=inherited_environment() | dict(self.process.environment) | {"PYTHONUNBUFFERED": "1"},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509 - we have no threads
            )
        self.died_at = None

    def wait_until_ready(self) -> None:
        if self.process.ready_url is None:
            return
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline and self.is_running():
            try:
                if httpx.get(self.process.ready_url, timeout=2).is_success:
                    return
            except httpx.HTTPError:
                time.sleep(0.05)
        raise StartError(f"{self.process.name} did not start; see {self.log}.")

    def is_running(self) -> bool:
        return self.popen is not None and self.popen.poll() is None

    def restart_if_dead(self) -> bool:
        """Start again, half a second after the death was seen. Says whether it did."""
        if self.is_running():
            return False
        now = time.monotonic()
        self.died_at = self.died_at or now
        if now - self.died_at < RESTART_DELAY_S:
            return False
        self.start()
        return True

    def ask_to_stop(self) -> None:
        if self.popen and self.is_running():
            self.popen.terminate()

    def stop(self) -> None:
        self.ask_to_stop()
        if self.popen:
            try:
                self.popen.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self.popen.kill()
                self.popen.wait()


def stop_all(children: list[Child]) -> None:
    """Callers before called, all asked at once, then waited for."""
    for child in reversed(children):
        child.ask_to_stop()
    for child in reversed(children):
        child.stop()
