"""A system behind XBezahldienste 1.0.0: its address, how we prove who we are, and which failure means what."""

import base64
import os
import ssl
import tempfile
from typing import Annotated, TypeVar

import certifi
import httpx
import msgspec

from payment.domain.xbezahldienste import Id
from payment.gateways.gateway import GatewayRefused, GatewayUnavailable

T = TypeVar("T")


class MutualTls(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="mtls", tag_field="kind"):
    """PEM, certificate with its chain. ePayBL hands out PKCS #12; the README says how to turn it into PEM."""

    certificate: str
    key: str
    key_password: str = ""


class Bearer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="bearer", tag_field="kind"):
    token: str


class Basic(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="basic", tag_field="kind"):
    username: str
    password: str


class XBezahldiensteAccount(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`authority`: PEM of who vouches for the server, where it is none of the public roots."""

    url: str
    originator_id: Id
    end_point_id: Id
    authentication: MutualTls | Bearer | Basic
    authority: str = ""
    booking_data: dict[str, str] = {}
    """What the other side books by, sent with each payment."""
    page_life_min: Annotated[int, msgspec.Meta(ge=5, le=10_080)] = 1440
    """So long may the citizen pay on the other side's page. No call ends that: afterwards it counts as over."""


class AccountUnusable(ValueError):
    """Certificate, key or authority cannot be used. The message names the field."""


def make_tls(account: XBezahldiensteAccount) -> ssl.SSLContext:
    """Raises AccountUnusable."""
    try:
        context = ssl.create_default_context(
            cafile=None if account.authority else certifi.where(), cadata=account.authority or None
        )
    except ssl.SSLError as error:
        raise AccountUnusable(f"authority: {error.reason}") from None
    if isinstance(account.authentication, MutualTls):
        _load_certificate(context, account.authentication)
    return context


def _load_certificate(context: ssl.SSLContext, own: MutualTls) -> None:
    """Python reads these from a file alone: one that only we may read, for as long as that takes."""
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "own.pem")  # noqa: PTH118 - a plain string for ssl
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(f"{own.key.strip()}\n{own.certificate.strip()}\n")
        try:
            context.load_cert_chain(file, password=own.key_password)
        except (ssl.SSLError, ValueError) as error:
            raise AccountUnusable(f"authentication: certificate and key cannot be used together ({error})") from None


def _headers(account: XBezahldiensteAccount) -> dict[str, str]:
    headers = {"Accept": "application/json, application/problem+json", "Content-Type": "application/json"}
    match account.authentication:
        case Bearer(token=token):
            headers["Authorization"] = f"Bearer {token}"
        case Basic(username=username, password=password):
            headers["Authorization"] = f"Basic {base64.b64encode(f'{username}:{password}'.encode()).decode()}"
        case MutualTls():
            pass
    return headers


class Refused(GatewayRefused):
    """`code` is the standard's functionalCode where there is one."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status


class _Problem(msgspec.Struct, frozen=True, rename="camel"):
    functional_code: str = ""


class XBezahldiensteClient:
    """One account's. Every call may raise GatewayUnavailable or Refused."""

    def __init__(self, account: XBezahldiensteAccount, http: httpx.AsyncClient) -> None:
        self._http = http
        self._base = account.url.rstrip("/")
        self._path = f"{account.originator_id}/{account.end_point_id}"
        self._headers = _headers(account)

    async def create(self, content: bytes, type_: type[T]) -> T:
        return await self._call("POST", f"{self._base}/paymenttransaction/{self._path}", type_, content)

    async def read(self, transaction_id: str, type_: type[T]) -> T:
        return await self._call("GET", f"{self._base}/paymenttransaction/{self._path}/{transaction_id}", type_)

    async def _call(self, method: str, url: str, type_: type[T], content: bytes = b"") -> T:
        try:
            response = await self._http.request(method, url, content=content, headers=self._headers)
        except httpx.HTTPError as error:
            raise GatewayUnavailable("no_answer", type(error).__name__) from None
        _check(response)
        try:
            return msgspec.json.decode(response.content, type=type_)
        except msgspec.MsgspecError as error:
            raise GatewayUnavailable("unreadable_answer", str(error)) from None


def _check(response: httpx.Response) -> None:
    """A refused account is the operator's to mend, and then the same call succeeds: it is no refusal of the payment."""
    status = response.status_code
    if status < 300:
        return
    try:
        code = msgspec.json.decode(response.content, type=_Problem).functional_code
    except msgspec.MsgspecError:
        code = ""
    if status in (401, 403) or code in ("FORBIDDEN", "NO_VALID_ORIGINATOR_OR_ENDPOINT"):
        raise GatewayUnavailable("credentials_refused", code)
    if status < 400 or status in (408, 425, 429) or status >= 500:
        raise GatewayUnavailable(f"http_{status}", code)
    raise Refused(status, code or f"http_{status}")
