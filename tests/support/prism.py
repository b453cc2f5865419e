"""PayPal's own OpenAPI as a judge between adapter and sandbox: Prism refuses whatever does not fit it, both ways.

The specifications lie beside the project (`../shared/specs`); Prism comes with the page assets (`node_modules`).
"""

import json
import re
import shutil
import subprocess
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
from tests.support.sandbox import listens
from tests.support.worker import free_port

ROOT = Path(__file__).resolve().parents[2]
SPECS = ROOT.parent / "shared/specs"
FILES = {
    "orders": "paypal_checkout_orders_v2.prism.json",
    "payments": "paypal_payments_payment_v2.prism.json",
    "disputes": "paypal_customer_disputes_v1.json",
}
PRISM = ROOT / "node_modules/.bin/prism"
START_TIMEOUT_S = 90
UNUSED = re.compile(r"/(track|trackers/.*|confirm-payment-source|reauthorize)$|/disputes/\{id\}/.")
"""Paths that our adapter never calls: what nobody reads, nobody compiles."""
PRISM_ERROR = b"stoplight.io/prism/errors"
JUDGED = ("/v2/", "/v1/customer/disputes")
"""What the specifications speak of; tokens and certificates they do not know."""


def why_not() -> str:
    """The reason to skip; empty where everything is there."""
    if not all((SPECS / name).exists() for name in FILES.values()):
        return "PayPal's specifications are not beside the project (../shared/specs)"
    if shutil.which("node") is None or not PRISM.exists():
        return "no node, or no Prism in node_modules (make test installs it)"
    return ""


def merge(specs: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One document, so that one Prism does for all: components of equal names are kept apart by a prefix."""
    merged: dict[str, Any] = {"paths": {}, "components": {}}
    for prefix, spec in specs.items():
        text = re.sub(
            r'"#/components/(?!securitySchemes)(\w+)/([^"/]+)', rf'"#/components/\1/{prefix}_\2', json.dumps(spec)
        )
        renamed = json.loads(text)
        merged |= {name: renamed[name] for name in ("openapi", "info", "servers")}
        merged["paths"] |= {path: calls for path, calls in renamed["paths"].items() if not UNUSED.search(path)}
        for kind, entries in renamed["components"].items():
            kept = "" if kind == "securitySchemes" else f"{prefix}_"
            merged["components"].setdefault(kind, {}).update({kept + name: entries[name] for name in entries})
    return merged


class Objection(msgspec.Struct, frozen=True):
    """Something that Prism did not let pass: the last of its reasons, which sums up the others."""

    call: str
    reason: str
    reasons: int


class Judge:
    """Listens where the adapter believes PayPal to be; hands on to Prism what the specifications cover."""

    def __init__(self, sandbox_url: str, prism_url: str) -> None:
        self.objections: list[Objection] = []
        self.judged = 0
        self._http = http = httpx.Client(timeout=60)
        judge = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._pass_on()

            def do_POST(self) -> None:
                self._pass_on()

            def _pass_on(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                is_judged = self.path.startswith(JUDGED)
                headers = {n: v for n, v in self.headers.items() if n.lower() not in ("host", "content-length")}
                url = (prism_url if is_judged else sandbox_url) + self.path
                answer = http.request(self.command, url, content=body, headers=headers)
                if is_judged and judge.is_no_verdict(answer):
                    answer = http.request(self.command, url, content=body, headers=headers)
                judge._note(f"{self.command} {self.path}", answer, is_judged=is_judged)
                self.send_response(answer.status_code)
                self.send_header("content-type", answer.headers.get("content-type", "application/json"))
                if answer.status_code != 204:
                    self.send_header("content-length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
                """Tests look at `objections`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    @staticmethod
    def is_no_verdict(answer: httpx.Response) -> bool:
        """Prism's own failure, as when its connection to the sandbox breaks: asked once more, with the same key."""
        return answer.status_code == 500 and PRISM_ERROR in answer.content and "validation" not in answer.json()

    def _note(self, call: str, answer: httpx.Response, *, is_judged: bool) -> None:
        self.judged += is_judged
        if PRISM_ERROR in answer.content:
            said = answer.json()
            reasons = [each["message"] for each in said.get("validation", [])] or [said.get("detail", "")]
            self.objections.append(Objection(call, reasons[-1], len(reasons)))

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self._http.close()


@contextmanager
def judging(sandbox_url: str) -> Iterator[Judge]:
    folder, port = Path(tempfile.mkdtemp(prefix="schalter-prism-")), free_port()
    document = folder / "paypal.json"
    document.write_text(
        json.dumps(merge({name: json.loads((SPECS / file).read_text()) for name, file in FILES.items()}))
    )
    command = [PRISM, "proxy", "--errors", "-v", "error", "-p", str(port), document, sandbox_url]
    with (folder / "prism.log").open("wb") as log:
        prism = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait(prism, port, folder / "prism.log")
        judge = Judge(sandbox_url, f"http://127.0.0.1:{port}")
        try:
            yield judge
        finally:
            judge.stop()
    finally:
        prism.terminate()
        prism.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(prism: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not listens(port):
        if prism.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"Prism did not start:\n{log.read_text()}")
        time.sleep(0.1)
