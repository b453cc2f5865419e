"""Plays the checks against a portal's endpoint and says how it did."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any, NamedTuple, cast
from uuid import UUID

import httpx
import msgspec

from demo.conformance.checks import CHECKS, QUICK, UNMOVED, Check, Expectation, Message, Player
from kit.clock import Clock
from kit.web.language import Language, Languages

TIMEOUT_S = 10
"""So long payment waits."""
QUICK_S = 5.0

LANGUAGES = Languages(["demo.conformance"])


class Answer(NamedTuple):
    """`outcome` is the status, or the name of the fault."""

    outcome: int | str
    seconds: float

    def meets(self, expectation: Expectation) -> bool:
        if isinstance(self.outcome, str):
            return False
        classes = {"accepted": range(200, 300), "refused": range(400, 500), "survived": range(200, 500)}
        return self.outcome in classes[expectation]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    check: str
    passed: bool
    about: str
    saw: str
    advice: str | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    passed: bool
    verdicts: list[Verdict]


class Subject(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`payment_id`: one that the portal knows and that is not paid. `watch`: a page of the portal about it."""

    url: str
    secret: str
    payment_id: UUID | None = None
    watch: str | None = None


async def examine(
    http: httpx.AsyncClient, subject: Subject, clock: Clock, language: str = "en", *, quick_s: float = QUICK_S
) -> Report:
    """Ends early where nobody answers at all."""
    t = LANGUAGES.get(language)
    before = await _look(http, subject.watch)
    verdicts: list[Verdict] = []
    slowest = 0.0
    for check in CHECKS:
        answers = await _play(http, subject, check, clock)
        verdicts.append(_judge(check, answers, t))
        slowest = max(slowest, *(answer.seconds for answer in answers))
        if check.name == "reachable" and isinstance(answers[0].outcome, str):
            return Report(url=subject.url, passed=False, verdicts=verdicts)
    verdicts.append(_verdict(QUICK, slowest <= quick_s, t("saw.slowest", seconds=f"{slowest:.1f}"), t))
    if subject.watch:
        same = before is not None and await _look(http, subject.watch) == before
        verdicts.append(_verdict(UNMOVED, same, t("saw.same" if same else "saw.differs"), t))
    return Report(url=subject.url, passed=all(verdict.passed for verdict in verdicts), verdicts=verdicts)


async def _play(http: httpx.AsyncClient, subject: Subject, check: Check, clock: Clock) -> Sequence[Answer]:
    messages = check.play(Player(subject.secret, clock(), subject.payment_id))
    if check.at_once:
        return await asyncio.gather(*(_send(http, subject.url, message) for message in messages))
    return [await _send(http, subject.url, message) for message in messages]


async def _send(http: httpx.AsyncClient, url: str, message: Message) -> Answer:
    begun = time.monotonic()
    outcome: int | str
    try:
        response = await http.post(
            url, content=message.body, headers=message.headers, timeout=TIMEOUT_S, follow_redirects=False
        )
        outcome = response.status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        outcome = type(error).__name__
    return Answer(outcome, time.monotonic() - begun)


async def _look(http: httpx.AsyncClient, url: str | None) -> bytes | None:
    if url is None:
        return None
    try:
        response = await http.get(url, timeout=TIMEOUT_S)
    except (httpx.HTTPError, httpx.InvalidURL):
        return None
    return response.content if response.is_success else None


def _judge(check: Check, answers: Sequence[Answer], t: Language) -> Verdict:
    """By the first answer that is not as it should be."""
    wrong = next((answer for answer in answers if not answer.meets(check.expects)), None)
    told = ", ".join(str(answer.outcome) for answer in answers)
    return _verdict(check.name, wrong is None, told, t)


def _verdict(name: str, passed: bool, saw: str, t: Language) -> Verdict:
    advice = None if passed else t(f"check.{name}.advice")
    return Verdict(check=name, passed=passed, about=t(f"check.{name}.about"), saw=saw, advice=advice)


def subject_of(fields: dict[str, str]) -> Subject:
    """Of a form or a command line; blank means nothing. Raises msgspec.ValidationError, which names the field."""
    given: Any = {name: value.strip() for name, value in fields.items() if value.strip()}
    subject = msgspec.convert(given, Subject)
    for name in ("url", "watch"):
        address = cast("str | None", getattr(subject, name))
        if address and not address.startswith(("http://", "https://")):
            raise msgspec.ValidationError(f"Not an address - at `$.{name}`")
    return subject
