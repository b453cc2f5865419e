"""A calendar as a groupware publishes it: an address that answers with ETag and 304, or as badly as it is told."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//Groupware//EN\r\n"


def a_calendar(*events: str) -> bytes:
    """Each event: its lines, separated by spaces where no value has one."""
    parts = [f"BEGIN:VEVENT\r\n{event.replace(' ', chr(13) + chr(10))}\r\nEND:VEVENT\r\n" for event in events]
    return (HEAD + "".join(parts) + "END:VCALENDAR\r\n").encode()


class Published:
    def __init__(self) -> None:
        self.data = a_calendar()
        self.status = 200
        self.location = ""
        self.answers: list[int] = []
        """The statuses of all answers."""
        published = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                etag = f'"{hash(published.data)}"'
                known = self.headers.get("If-None-Match") == etag and published.status == 200
                status = 304 if known else published.status
                published.answers.append(status)
                self.send_response(status)
                self.send_header("ETag", etag)
                if published.location:
                    self.send_header("Location", published.location)
                body = b"" if known else published.data
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_PROPFIND = do_REPORT = do_GET  # noqa: N815 - the base class looks for these names

            def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - the base class's name
                """Tests look at `answers`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/calendar/secret-token.ics"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
