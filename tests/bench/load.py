"""A load client in a process of its own: raw HTTP/1.1 over keep-alive connections, too light to be what is measured.

`python -m tests.bench.load` reads a Plan as JSON from stdin and writes an Outcome as JSON to stdout.
"""

import asyncio
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import cast

import msgspec
import uvloop


class Plan(msgspec.Struct):
    port: int
    connections: int
    requests: list[str]
    """Whole requests, one after the other as connections become free."""
    seconds: float | None = None
    """Goes round and round for so long; null: each request once."""


class Outcome(msgspec.Struct):
    statuses: dict[str, int]
    seconds: float
    per_s: float
    p50_ms: float
    p99_ms: float


_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def get(path: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def post(path: str, key: str, body: bytes, headers: Mapping[str, str] | None = None) -> str:
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in (headers or {}).items())
    return f"{head}Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n{body.decode()}"


class Citizen(asyncio.Protocol):
    """One connection: sends, waits for the whole answer, sends the next."""

    def __init__(self, requests: Iterator[bytes], statuses: Counter[str], latencies: list[float]) -> None:
        self.requests, self.statuses, self.latencies = requests, statuses, latencies
        self.done = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.missing = 0
        self.sent_at = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def send(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self.transport.close()
            self.done.set_result(None)
            return
        self.sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        if self.missing == 0:
            self.buffer += data
            head, separator, rest = self.buffer.partition(b"\r\n\r\n")
            if not separator:
                return
            self.statuses[head[9:12].decode()] += 1
            length = _LENGTH.search(head)
            self.missing = (int(length[1]) if length else 0) - len(rest)
            self.buffer = b""
        else:
            self.missing -= len(data)
        if self.missing <= 0:
            self.missing = 0
            self.latencies.append(time.perf_counter() - self.sent_at)
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the server closed the connection"))


async def run(plan: Plan) -> Outcome:
    loop = asyncio.get_running_loop()
    statuses: Counter[str] = Counter()
    latencies: list[float] = []
    requests = _requests([text.encode() for text in plan.requests], plan.seconds)
    citizens = []
    for _ in range(plan.connections):
        _, citizen = await loop.create_connection(
            lambda: Citizen(requests, statuses, latencies), "127.0.0.1", plan.port
        )
        citizens.append(citizen)
    start = time.perf_counter()
    for citizen in citizens:
        citizen.send()
    await asyncio.gather(*(citizen.done for citizen in citizens))
    seconds = time.perf_counter() - start
    latencies.sort()
    return Outcome(
        statuses=dict(statuses),
        seconds=seconds,
        per_s=len(latencies) / seconds,
        p50_ms=latencies[len(latencies) // 2] * 1000,
        p99_ms=latencies[int(len(latencies) * 0.99)] * 1000,
    )


def _requests(all_requests: list[bytes], seconds: float | None) -> Iterator[bytes]:
    if seconds is None:
        yield from all_requests
        return
    end = time.perf_counter() + seconds
    for request in cycle(all_requests):
        if time.perf_counter() >= end:
            return
        yield request


if __name__ == "__main__":
    plan = msgspec.json.decode(sys.stdin.buffer.read(), type=Plan)
    sys.stdout.buffer.write(msgspec.json.encode(uvloop.run(run(plan))))
