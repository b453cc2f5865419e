"""The `stripe` package's parameter types as strict readers of what is really sent: generated, so that none goes stale.

Each TypedDict becomes a msgspec Struct that refuses unknown fields. Where the package leaves an enumeration open
(`Literal[...] | str`), only the listed values pass.
"""

import re
import sys
import typing
from functools import cache
from types import NoneType, UnionType
from typing import Any, ForwardRef, Literal, NotRequired, Required, Union, get_args, get_origin
from urllib.parse import urlsplit

import msgspec
import stripe
from stripe import _stripe_object, params
from stripe._request_options import RequestOptions
from stripe.params import checkout
from typing_extensions import is_typeddict

from demo.sandbox.form import decode_form

OPTIONS = frozenset(RequestOptions.__annotations__)
"""They travel in headers."""

TYPES: dict[tuple[str, str], type] = {
    ("POST", "/v1/checkout/sessions"): checkout.SessionCreateParams,
    ("GET", "/v1/checkout/sessions/*"): checkout.SessionRetrieveParams,
    ("POST", "/v1/checkout/sessions/*/expire"): checkout.SessionExpireParams,
    ("GET", "/v1/payment_intents/*"): params.PaymentIntentRetrieveParams,
    ("POST", "/v1/payment_intents/*/capture"): params.PaymentIntentCaptureParams,
    ("POST", "/v1/payment_intents/*/cancel"): params.PaymentIntentCancelParams,
    ("GET", "/v1/refunds"): params.RefundListParams,
    ("POST", "/v1/refunds"): params.RefundCreateParams,
    ("GET", "/v1/refunds/*"): params.RefundRetrieveParams,
    ("GET", "/v1/disputes"): params.DisputeListParams,
    ("GET", "/v1/disputes/*"): params.DisputeRetrieveParams,
    ("GET", "/v1/balance_transactions"): params.BalanceTransactionListParams,
    ("GET", "/v1/balance_transactions/*"): params.BalanceTransactionRetrieveParams,
    ("GET", "/v1/payouts"): params.PayoutListParams,
    ("GET", "/v1/payouts/*"): params.PayoutRetrieveParams,
}


def check(method: str, url: str, body: str = "") -> Any:
    """Read a request as its type. Raises msgspec.ValidationError, or KeyError for a call that has no type here."""
    parts = urlsplit(url)
    path = re.sub(r"/(?!payment_intents|balance_transactions)[a-z]+_\w+", "/*", parts.path)
    content = parts.query if method == "GET" else body
    return msgspec.convert(decode_form(content), struct_of(TYPES[method, path]), strict=False)


@cache
def struct_of(typed: Any) -> type[msgspec.Struct]:
    names = vars(stripe) | vars(_stripe_object) | vars(typing) | vars(sys.modules[typed.__module__])
    fields: list[Any] = []
    for name, hint in typed.__annotations__.items():
        if name not in OPTIONS or name not in RequestOptions.__annotations__:
            required = name in typed.__required_keys__ and get_origin(hint) is not NotRequired
            kind = _strict(hint, names)
            fields.append((name, kind) if required else (name, kind | msgspec.UnsetType, msgspec.UNSET))
    fields.sort(key=len)  # what is required comes first
    return msgspec.defstruct(typed.__name__, fields, forbid_unknown_fields=True, kw_only=True)


def _strict(hint: Any, names: dict[str, Any]) -> Any:
    if isinstance(hint, str | ForwardRef):
        text = hint if isinstance(hint, str) else hint.__forward_arg__
        return _strict(eval(text, names), names)  # noqa: S307 - annotations of an installed package
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (NotRequired, Required):
        return _strict(inner[0], names)
    if origin in (Union, UnionType):
        return _union([_strict(each, names) for each in inner if _is_data(each)])
    if origin in (list, dict):
        return origin[tuple(_strict(each, names) for each in inner)]
    return struct_of(hint) if is_typeddict(hint) else hint


def _union(kinds: list[Any]) -> Any:
    listed = any(get_origin(kind) is Literal for kind in kinds)
    return Union[tuple(kind for kind in kinds if not (listed and kind is str))]  # noqa: UP007 - made at run time


def _is_data(hint: Any) -> bool:
    """What a form can hold; the package also takes its own objects."""
    return hint is not NoneType and "StripeObject" not in str(hint)


class CheckedClient(stripe.HTTPXClient):
    """The production client, but that each request is read as its type before it goes out."""

    async def request_async(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        check(method.upper(), url, post_data or "")
        return await super().request_async(method, url, headers, post_data)
