"""Radicale, a real CalDAV server (RFC 4791), which nobody here wrote: in this process, or at an address."""

import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import httpx
import radicale.app
import radicale.config


def radicale_application(folder: Path, auth: Mapping[str, str]) -> radicale.app.Application:
    configuration = radicale.config.load()
    settings = {
        "storage": {"filesystem_folder": str(folder), "_filesystem_fsync": "False"},
        "auth": auth,
        "logging": {"level": "critical"},
    }
    configuration.update(settings, "tests", privileged=True)
    return radicale.app.Application(configuration)


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Handler(WSGIRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
        """Tests look at `asked`."""


class Radicale:
    """At an address, with one account and its calendar."""

    def __init__(self, folder: Path, user: str, password: str) -> None:
        (folder / "users").write_text(f"{user}:{password}\n")
        auth = {"type": "htpasswd", "htpasswd_filename": str(folder / "users"), "htpasswd_encryption": "plain"}
        self._application = radicale_application(folder, auth | {"delay": "0"})
        self.asked: list[str] = []
        """The methods of all requests, whoever sent them."""
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.set_app(self._answer)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/{user}/calendar/"
        self._http = httpx.Client(auth=(user, password), base_url=self.url, trust_env=False)
        self.call("MKCALENDAR", "")

    def call(self, method: str, name: str, body: bytes = b"") -> None:
        self._http.request(method, name, content=body).raise_for_status()

    def put(self, name: str, calendar: bytes) -> None:
        self.call("PUT", f"{name}.ics", calendar)

    def stop(self) -> None:
        self._http.close()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.asked.append(environ["REQUEST_METHOD"])
        answer: Iterable[bytes] = self._application(environ, start_response)
        return answer
