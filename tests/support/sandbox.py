"""The PSP sandbox as a process of its own, and somebody who receives its webhooks."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import msgspec
from tests.support.worker import free_port

import demo

ACCOUNTS = Path(demo.__path__[0]) / "seed/accounts.toml"
START_TIMEOUT_S = 60


class Webhook(msgspec.Struct, frozen=True):
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        return msgspec.json.decode(self.body)


class Receiver:
    """Stands where payment would listen. Answers what `answers` holds, then 204."""

    def __init__(self) -> None:
        self.received: list[Webhook] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.received.append(Webhook(self.path, headers, body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
                """Tests look at `received`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def of(self, word: str) -> list[Webhook]:
        """Those whose body holds `word`: a reference, an event's type."""
        return [webhook for webhook in list(self.received) if word.encode() in webhook.body]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class Sandbox:
    def __init__(self, payment_url: str) -> None:
        self.data = Path(tempfile.mkdtemp(prefix="schalter-sandbox-"))
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.url, timeout=10)
        self._payment_url = payment_url
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {
            **os.environ,
            "PORT": str(self.port),
            "PUBLIC_URL": self.url,
            "PAYMENT_URL": self._payment_url,
            "SANDBOX_DATA": str(self.data),
            "SANDBOX_ACCOUNTS": str(ACCOUNTS),
        }
        with (self.data / "sandbox.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "demo.sandbox"], env=environment, stdout=log, stderr=log
            )
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                if self.http.get("/health/live").is_success:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
        raise RuntimeError(f"The sandbox did not start:\n{(self.data / 'sandbox.log').read_text()}")

    def kill(self) -> None:
        """SIGKILL to the parent; its worker dies with it and frees the port."""
        assert self._process
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        deadline = time.monotonic() + START_TIMEOUT_S
        while listens(self.port):
            assert time.monotonic() < deadline, "the sandbox's worker outlived its parent"
            time.sleep(0.02)

    def stop(self) -> None:
        if self._process and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(10)
        self.http.close()
        shutil.rmtree(self.data, ignore_errors=True)

    def set_faults(self, **faults: object) -> None:
        answer = self.http.post("/control/faults", json=faults)
        assert answer.status_code == 200, answer.text

    def pay_out(self, **which: str) -> list[dict[str, Any]]:
        answer = self.http.post("/control/payouts", json=which)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def ledger(self, reference: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.http.get("/control/ledger", params={"reference": reference}).json()["items"]
        return items


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running_sandbox() -> Iterator[tuple[Sandbox, Receiver]]:
    receiver = Receiver()
    sandbox = Sandbox(receiver.url)
    try:
        sandbox.start()
        yield sandbox, receiver
    finally:
        sandbox.stop()
        receiver.stop()
