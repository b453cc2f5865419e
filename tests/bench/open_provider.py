"""A provider that answers at once that a session is still open: so light that asking it is what is measured.

`python -m tests.bench.open_provider PORT`
"""

import asyncio
import sys

import msgspec
import uvloop


class Answering(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        """Requests without a body, one after the other."""
        *requests, self.buffer = (self.buffer + data).split(b"\r\n\r\n")
        for request in requests:
            path = request.split(b" ", 2)[1].split(b"?")[0].decode()
            session = {"id": path.rsplit("/", 1)[-1], "object": "checkout.session", "status": "open"}
            body = msgspec.json.encode(session | {"amount_total": 1500, "currency": "eur", "payment_intent": None})
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            self.transport.write(head.encode() + body)  # type: ignore[attr-defined] # a TCP connection's can write


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Answering, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
