"""Booking's letter call for the bench: any appointment's letter at once, so that only notify's own work is measured."""

import asyncio
import sys

import msgspec
import uvloop
from tests.notify.letters import APPOINTMENT, LETTER

from kit.serve import die_with_parent

BODY = msgspec.json.encode(LETTER)
_ID = str(APPOINTMENT).encode()
_AT = len(b"GET /internal/v1/appointments/")


class Letters(asyncio.Protocol):
    """Each letter is the same, about an appointment, a citizen and calendar entries of its own."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._read = b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            id_ = head[_AT : _AT + 36]
            body = BODY.replace(_ID, id_).replace(b"citizen-1@", id_ + b"@").replace(b"clerk-1@", b"c-" + id_ + b"@")
            body = body.replace(b"erika.mustermann@", id_ + b"@")
            self._transport.write(  # type: ignore[attr-defined]
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            )


async def main(port: int) -> None:
    die_with_parent()
    server = await asyncio.get_running_loop().create_server(Letters, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
