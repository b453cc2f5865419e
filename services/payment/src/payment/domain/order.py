"""What a caller may order: checked whole, so that the answer names every field that is wrong."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from urllib.parse import urlsplit

import msgspec

from contracts.payment import NewPayment, PaymentItem
from payment.domain.errors import InvalidRequest
from payment.domain.payment import DEFAULT_LIFETIME_S, LIFETIME_S_MAX, LIFETIME_S_MIN

AMOUNT_CENTS_MAX = 99_999_999
URL_LENGTH_MAX = 2082
_ODD = re.compile(r"[\x00-\x20\x7f\\]")
"""What browsers read otherwise than we do."""
ACCOUNTING_LIMITS = "at most 20 entries, keys of 50 and values of 250 characters"


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """An order that was checked. `origin` must be one of the tenant's; none for a loopback address where that is
    allowed.
    """

    asked: NewPayment
    total_cents: int
    origin: str | None
    url_field: str


def check_order(asked: NewPayment, *, allow_loopback: bool, url_field: str = "return_url") -> Order:
    """Raises InvalidRequest."""
    total_cents = _sum_of(asked)
    origin = origin_of(asked.return_url, url_field, allow_loopback=allow_loopback)
    is_own_machine = allow_loopback and is_loopback(origin.split("://")[1].rsplit(":", 1)[0].strip("[]"))
    return Order(asked=asked, total_cents=total_cents, origin=None if is_own_machine else origin, url_field=url_field)


def _sum_of(order: NewPayment) -> int:
    """In cents. Raises InvalidRequest."""
    errors = [*_text_errors(order), *_item_errors(order.items)]
    if order.currency != "EUR":
        errors.append(("currency", "only EUR is taken"))
    if not LIFETIME_S_MIN <= lifetime_s(order) <= LIFETIME_S_MAX:
        errors.append(("expires_in_s", f"between {LIFETIME_S_MIN} and {LIFETIME_S_MAX}"))
    total_cents = sum(item.quantity * item.amount_cents for item in order.items)
    if not errors and not 0 < total_cents <= AMOUNT_CENTS_MAX:
        errors.append(("items", f"the sum must be between 1 and {AMOUNT_CENTS_MAX} cents, it is {total_cents}"))
    if errors:
        raise InvalidRequest(*errors)
    return total_cents


def lifetime_s(order: NewPayment) -> int:
    return DEFAULT_LIFETIME_S if order.expires_in_s is None else order.expires_in_s


def _text_errors(order: NewPayment) -> Iterator[tuple[str, str]]:
    for field, text, length_max in (("reference", order.reference, 100), ("description", order.description, 250)):
        if not text.strip() or len(text) > length_max or "\x00" in text:
            yield field, f"1 to {length_max} characters"


def _item_errors(items: list[PaymentItem]) -> Iterator[tuple[str, str]]:
    if not 1 <= len(items) <= 99:
        yield "items", "1 to 99 items"
    for place, item in enumerate(items[:99]):
        if not item.description.strip() or len(item.description) > 250 or "\x00" in item.description:
            yield f"items[{place}].description", "1 to 250 characters"
        if not 1 <= item.quantity <= 999:
            yield f"items[{place}].quantity", "between 1 and 999"
        if not 0 <= item.amount_cents <= AMOUNT_CENTS_MAX:
            yield f"items[{place}].amount_cents", f"between 0 and {AMOUNT_CENTS_MAX}, the price of one"
        if not is_accounting(item.accounting):
            yield f"items[{place}].accounting", ACCOUNTING_LIMITS


def is_accounting(entries: Mapping[str, str]) -> bool:
    return len(entries) <= 20 and all(
        len(key) <= 50 and len(value) <= 250 and "\x00" not in key + value for key, value in entries.items()
    )


def origin_of(url: str, field: str, *, allow_loopback: bool) -> str:
    """The origin of a caller's address: https, or http on a loopback address where that is allowed.

    Raises InvalidRequest.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise InvalidRequest((field, "is no address")) from None
    host = (parts.hostname or "").lower()
    is_plain = allow_loopback and parts.scheme == "http" and is_loopback(host)
    if not host or len(url) > URL_LENGTH_MAX or _ODD.search(url):
        raise InvalidRequest((field, f"an absolute address of at most {URL_LENGTH_MAX} characters"))
    if parts.username is not None or parts.password is not None:
        raise InvalidRequest((field, "must not hold a user name or password"))
    if parts.scheme != "https" and not is_plain:
        raise InvalidRequest((field, "must begin with https://"))
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
