"""Where a webhook goes, and what the receiver can do to us: judged without a network, by a transport of the test."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from ipaddress import ip_address
from uuid import UUID

import httpx
import pytest
from tests.support.streams import stream_server

from kit.public_address import Address, is_public
from kit.webhooks import PostFailed, open_client, post, secret_of, sign

PUBLIC, PRIVATE = ip_address("93.184.215.14"), ip_address("10.0.0.7")
URL = "https://portal.example/hook?x=1"


class Names:
    """A name server whose answer changes from one question to the next."""

    def __init__(self, *answers: Sequence[Address]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append(f"{host}:{port}")
        return self.answers.pop(0)


class Receiver:
    """What would be at the other end."""

    def __init__(self, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.seen: list[httpx.Request] = []
        self.status, self.headers = status, headers or {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        return httpx.Response(self.status, headers=self.headers)

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - nobody listens here
        "10.1.2.3",
        "100.64.0.1",  # carrier-grade NAT
        "100.100.100.200",  # a cloud's metadata in it
        "127.0.0.1",
        "168.63.129.16",
        "169.254.169.254",  # metadata
        "172.16.0.1",
        "192.0.0.192",  # metadata
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a00:1",  # NAT64 of 10.0.0.1
        "64:ff9b:1::1",
        "100::1",
        "2001:db8::1",
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",  # Teredo of 192.0.2.45
        "fc00::1",
        "fd00:ec2::254",  # metadata
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_what_is_not_the_publics(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:4700::1111", "64:ff9b::5db8:d70e", "::ffff:93.184.215.14", "2002:5db8:d70e::"]
)
def test_what_is_the_publics(address: str) -> None:
    assert is_public(ip_address(address))


async def test_a_name_that_changes_its_mind_is_asked_once_and_the_checked_address_called() -> None:
    names, receiver = Names([PUBLIC], [PRIVATE]), Receiver()
    async with receiver.client() as http:
        assert await post(http, URL, b"{}", {}, allow_loopback=False, resolve=names) == "200"
    (request,) = receiver.seen
    assert names.asked == ["portal.example:443"]
    assert (str(request.url), request.headers["host"]) == (f"https://{PUBLIC}/hook?x=1", "portal.example")
    assert request.extensions["sni_hostname"] == "portal.example"  # its certificate is checked for the name


@pytest.mark.parametrize("answer", [[PRIVATE], [PUBLIC, PRIVATE], [PRIVATE, PUBLIC], [ip_address("127.0.0.1")]])
async def test_one_private_address_of_a_name_is_enough_to_call_none(answer: list[Address]) -> None:
    receiver = Receiver()
    async with receiver.client() as http:
        with pytest.raises(PostFailed, match="private_address"):
            await post(http, URL, b"{}", {}, allow_loopback=False, resolve=Names(answer))
    assert receiver.seen == []


async def test_loopback_by_explicit_setting_opens_nothing_else() -> None:
    receiver = Receiver()
    async with receiver.client() as http:
        await post(http, URL, b"{}", {}, allow_loopback=True, resolve=Names([ip_address("127.0.0.1")]))
        with pytest.raises(PostFailed, match="private_address"):
            await post(http, URL, b"{}", {}, allow_loopback=True, resolve=Names([PRIVATE]))
    assert len(receiver.seen) == 1


async def test_a_name_without_an_address_fails() -> None:
    async with Receiver().client() as http:
        with pytest.raises(PostFailed, match="name_not_found"):
            await post(http, URL, b"{}", {}, allow_loopback=False, resolve=Names([]))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_a_failure(status: int) -> None:
    receiver = Receiver(status, {"Location": "http://169.254.169.254/"})
    async with receiver.client() as http:
        with pytest.raises(PostFailed, match=str(status)):
            await post(http, URL, b"{}", {}, allow_loopback=False, resolve=Names([PUBLIC]))
    assert len(receiver.seen) == 1


@asynccontextmanager
async def serving(answer: bytes, delay_s: float = 0) -> AsyncIterator[str]:
    """Answers a piece at a time, for ever where there is a delay."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        while delay_s:
            await writer.drain()
            await asyncio.sleep(delay_s)
            writer.write(b"X-More: 1\r\n")

    async with stream_server(handle) as port:
        yield f"http://127.0.0.1:{port}/"


async def test_a_receiver_that_drips_is_cut_off() -> None:
    """Each piece comes in time, and the whole never ends."""
    async with serving(b"HTTP/1.1 200 OK\r\n", delay_s=0.05) as url, open_client() as http:
        with pytest.raises(PostFailed, match="too_slow"):
            await post(http, url, b"{}", {}, allow_loopback=True, timeout_s=0.4)


async def test_an_endless_answer_is_not_read_and_no_cookie_kept() -> None:
    endless = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 999999999\r\n\r\nx"
    async with serving(endless) as url, open_client() as http:
        assert await post(http, url, b"{}", {}, allow_loopback=True, timeout_s=2) == "200"
        assert list(http.cookies.jar) == []


async def test_endless_headers_fail() -> None:
    async with serving(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 1_000_000) as url, open_client() as http:
        with pytest.raises(PostFailed):
            await post(http, url, b"{}", {}, allow_loopback=True, timeout_s=2)


def test_each_rotation_has_a_secret_and_a_signature_of_its_own() -> None:
    now, endpoint = datetime(2026, 11, 20, tzinfo=UTC), UUID(int=7)
    first, second = (secret_of("key", endpoint, version) for version in (1, 2))
    assert len({first, second, secret_of("key", UUID(int=8)), secret_of("other", endpoint)}) == 4
    assert first == secret_of("key", endpoint)
    alone, both = sign(first, b"{}", now), sign(second, b"{}", now, first)
    assert both.count(",v1=") == 2
    assert both.endswith(alone.split(",")[1])


async def test_an_address_that_is_none_fails_like_any_other() -> None:
    """It may have been taken by an older release."""
    async with Receiver().client() as http:
        with pytest.raises(PostFailed, match="no_address"):
            await post(http, "https://portal.example/\x7f", b"{}", {}, allow_loopback=False, resolve=Names([PUBLIC]))
