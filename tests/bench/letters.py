"""Booking's letter calls for the bench: any letter without delay, so that only notify's own work is measured."""

import asyncio
import re
import sys

import msgspec
import uvloop
from tests.notify.letters import APPOINTMENT, LETTER

from kit.serve import die_with_parent

BODY = msgspec.json.encode(LETTER)
_ID = str(APPOINTMENT).encode()
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Answers(asyncio.Protocol):
    """Each letter is the same, about an appointment, a citizen and calendar entries of its own."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._read = b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        while b"\r\n\r\n" in self._read:
            head, _, self._read = self._read.partition(b"\r\n\r\n")
            path = head.partition(b" HTTP/")[0]
            letters = [_letter(id_) for id_ in _UUID.findall(path)]
            body = letters[0] if path.endswith(b"/letter") else b'{"items":[%s]}' % b",".join(letters)
            self._transport.write(  # type: ignore[attr-defined]
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
            )


def _letter(id_: bytes) -> bytes:
    body = BODY.replace(_ID, id_).replace(b"citizen-1@", id_ + b"@").replace(b"clerk-1@", b"c-" + id_ + b"@")
    return body.replace(b"erika.mustermann@", id_ + b"@")


async def main(port: int) -> None:
    die_with_parent()
    server = await asyncio.get_running_loop().create_server(Answers, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
