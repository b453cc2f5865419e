"""ALTCHA: a challenge that costs a browser a moment's work, and a machine that books by the hundred a hundred moments.

It is bound to the tenant and to what it stands before, holds for twenty minutes, and works once
(`usecases/admit.py` spends it). Nothing of it leaves this house, and nothing of the person is in it.
"""

import secrets
from datetime import datetime
from typing import Annotated, Any, Literal, cast

import msgspec
from altcha import Payload, create_challenge, verify_solution
from litestar import get
from litestar.params import FromPath, FromQuery

from booking.domain.errors import Invalid
from booking.domain.fairness import CHALLENGE_LIFE, Solved
from booking.web.pages.visit import Tenants
from booking.web.wiring import wired
from contracts.tenant import TenantProfile
from kit.requests import AnyRequest

Action = Literal["hold", "confirm"]
Answer = Annotated[str, msgspec.Meta(max_length=4000)]
"""What the widget made of the challenge: base64 of JSON."""

_ALGORITHM = "PBKDF2/SHA-256"
_COST = 2_000
"""Rounds of one guess: under a millisecond for us, who make one for each challenge."""


@get("/v1/tenants/{tenant:str}/challenge")
async def get_challenge(request: AnyRequest, tenant: FromPath[str], action: FromQuery[Action]) -> dict[str, Any]:
    """In ALTCHA's own shape (its PoW v2), for its widget or any other solver; answer it in the field `altcha`."""
    await profile_of(request, tenant)
    wiring = wired(request)
    return make_challenge(wiring.settings.link_key, tenant, action, wiring.clock(), wiring.settings.challenge_effort)


async def profile_of(request: AnyRequest, tenant: str) -> TenantProfile:
    """From memory; a minute old at most. Raises NotFound."""
    tenants: Tenants = request.app.state.tenants
    return (await tenants.get(tenant))[1]


def make_challenge(key: str, tenant: str, action: Action, now: datetime, effort: int) -> dict[str, Any]:
    """`effort`: how many guesses it takes, half as many at least; so nobody waits much longer than others."""
    until = int((now + CHALLENGE_LIFE).timestamp())
    challenge = create_challenge(
        _ALGORITHM,
        _COST,
        counter=effort // 2 + secrets.randbelow(effort // 2 + 1),
        data={"tenant": tenant, "action": action, "until": until},
        hmac_secret=_secret(key, "challenge"),
        hmac_key_secret=_secret(key, "challenge solved"),
    )
    return cast("dict[str, Any]", challenge.to_dict())


def read_answer(key: str, tenant: str, action: Action, answer: str, now: datetime) -> Solved:
    """Raises Invalid. Its time is kept in `data`, since the library goes by the machine's clock alone."""
    try:
        payload = Payload.from_base64(answer)
        verified = verify_solution(
            payload, _secret(key, "challenge"), hmac_key_secret=_secret(key, "challenge solved")
        ).verified
    except Exception:  # noqa: BLE001 - whatever a stranger's text makes of the library, it is no answer
        verified = False
    if not verified:
        raise Invalid.field("altcha", "is no solution of a challenge of ours")
    parameters = payload.challenge.parameters
    data, until = parameters.data or {}, datetime.fromtimestamp((parameters.data or {})["until"], now.tzinfo)
    if (data["tenant"], data["action"]) != (tenant, action):
        raise Invalid.field("altcha", "is the solution of a challenge for something else")
    if until <= now:
        raise Invalid.field("altcha", "came too late: ask for another challenge")
    return Solved(bytes.fromhex(parameters.nonce), until)


def _secret(key: str, purpose: str) -> str:
    return f"{purpose}\0{key}"


routes = (get_challenge,)
