"""The conformance kit: a careful portal passes, and each carelessness is found under its own name."""

import asyncio
import json
import sys

import httpx
import pytest
from litestar.testing import AsyncTestClient
from tests.demo.conformance.endpoints import SECRET, Portal
from tests.demo.portal.partners import NOW, Partners, order, order_path
from tests.support.sandbox import Receiver, Sandbox

from demo.conformance.checks import CHECKS, QUICK, UNMOVED
from demo.conformance.examine import LANGUAGES, Report, Subject, examine
from kit.clock import system_clock
from kit.trust import public_authorities

HOOK = "https://portal.example/hook"
FORGED = {"unsigned", "wrong_secret", "changed", "new_time", "old", "ahead"}


async def report_on(portal: Portal, secret: str = SECRET, *, watch: bool = True, quick_s: float = 5) -> Report:
    subject = Subject(url=HOOK, secret=secret, watch="https://portal.example/order" if watch else None)
    async with portal.http() as http:
        return await examine(http, subject, system_clock, quick_s=quick_s)


def failed(report: Report) -> set[str]:
    return {verdict.check for verdict in report.verdicts if not verdict.passed}


async def test_the_demos_portal_passes(client: AsyncTestClient, partners: Partners) -> None:
    """With an order of its own that is not paid, and the order's page watched."""
    await order(client)
    payment = next(iter(partners.payments.values()))
    base = str(client.base_url).rstrip("/")
    subject = Subject(
        url=f"{base}/webhooks/payment",
        secret="whsec_of_the_tests",
        payment_id=payment.id,
        watch=base + order_path(partners),
    )
    report = await examine(client, subject, lambda: NOW)
    assert failed(report) == set()
    assert {verdict.check for verdict in report.verdicts} == {check.name for check in CHECKS} | {QUICK, UNMOVED}


async def test_a_careful_one_passes() -> None:
    report = await report_on(Portal())
    assert (report.passed, failed(report)) == (True, set())


async def test_a_naive_one_fails_for_the_right_reasons() -> None:
    report = await report_on(Portal(checks=False, believes=True))
    assert failed(report) == {*FORGED, "nonsense", UNMOVED}
    assert all(verdict.advice for verdict in report.verdicts if not verdict.passed)


async def test_who_believes_what_is_signed() -> None:
    assert failed(await report_on(Portal(believes=True))) == {"nonsense", UNMOVED}


async def test_who_takes_a_repetition_for_an_error() -> None:
    assert failed(await report_on(Portal(at_most_once=True))) == {"twice", "at_once"}


async def test_who_stumbles_over_new_words() -> None:
    assert failed(await report_on(Portal(strict=True))) == {"new_words"}


async def test_who_is_slow() -> None:
    assert failed(await report_on(Portal(delay_s=0.06), quick_s=0.05)) == {QUICK}


async def test_a_wrong_secret_of_ones_own() -> None:
    report = await report_on(Portal(), "whsec_mistyped", watch=False)
    accepted = {check.name for check in CHECKS if check.expects == "accepted"}
    assert failed(report) == accepted


async def test_nobody_there_ends_it_at_once() -> None:
    async with httpx.AsyncClient(verify=public_authorities()) as http:
        report = await examine(http, Subject(url="http://127.0.0.1:1/", secret="x"), system_clock)
    assert [(verdict.check, verdict.saw) for verdict in report.verdicts] == [("reachable", "ConnectError")]


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_check_has_its_words(language: str) -> None:
    t = LANGUAGES.get(language)
    for name in (*(check.name for check in CHECKS), QUICK, UNMOVED):
        assert t(f"check.{name}.about")
        assert t(f"check.{name}.advice")


# --- as a command, a page and a call ---------------------------------------------------------------------------------


@pytest.fixture
def hook(receiver: Receiver) -> str:
    """Answers 204 to everything: as naive as can be."""
    return f"{receiver.url}/hook"


async def test_the_command(hook: str) -> None:
    command = [sys.executable, "-m", "demo.conformance", "--url", hook, "--secret", SECRET, "--json"]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    report = json.loads(out)
    assert (process.returncode, report["passed"]) == (1, False)
    assert {verdict["check"] for verdict in report["verdicts"] if not verdict["passed"]} == FORGED


def test_the_call(sandbox: Sandbox, hook: str) -> None:
    body = {"url": hook, "secret": SECRET}
    report = sandbox.http.post("/control/conformance", json=body).json()
    assert {verdict["check"] for verdict in report["verdicts"] if not verdict["passed"]} == FORGED
    for wrong in ({}, {"url": "ftp://x", "secret": "s"}, {**body, "payment_id": "7"}, {**body, "urn": "x"}, []):
        assert sandbox.http.post("/control/conformance", json=wrong).status_code == 400


def test_the_page(sandbox: Sandbox, hook: str) -> None:
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Accept-Language": "de"}
    assert "conformance-begin" in sandbox.http.get("/conformance", headers=headers).text
    page = sandbox.http.post("/conformance", headers=headers, data={"url": hook, "secret": SECRET})
    assert page.status_code == 200
    assert f"{len(FORGED)} Prüfungen sind nicht bestanden" in page.text
    assert page.text.count('data-testid="verdict-') == len(CHECKS) + 1
    wrong = sandbox.http.post("/conformance", headers=headers, data={"url": "portal.example", "secret": SECRET})
    assert (wrong.status_code, "url-error" in wrong.text) == (400, True)
    foreign = {**headers, "Sec-Fetch-Site": "cross-site"}
    assert sandbox.http.post("/conformance", headers=foreign, data={}).status_code == 403
