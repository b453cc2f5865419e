"""Plays the fault matrix, and holds its page in `docs/` equal to it (`WRITE_DOCS=1` writes it anew)."""

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest
from tests.payment.support.house import Clock
from tests.payment.web.conftest import Till
from tests.payment.web.fault_matrix import MATRIX, Fault, draw
from tests.support.sandbox import Receiver

from payment.usecases.expire_payments import expire_payments
from payment.usecases.read_disputes import read_disputes
from payment.usecases.submit_refunds import submit_refunds
from payment.usecases.sweep_attempts import sweep_attempts
from payment.usecases.tools import Tools

PAGE = Path("docs/fault-matrix.md")
HEAD = """# The fault matrix
What goes wrong between us and a provider, and how it ends. Each line is played by the tests over the real gateways,
against the sandbox (`tests/payment/web/fault_matrix.py`, from which this table is drawn): a payment of 15.00 € with
manual capture is created, the citizen pays on the provider's page and closes the browser, the caller captures. Amounts
are the provider's own truth, in euros; never is more captured than once, nor more given back than captured.

"""
TRIES = 4


def test_the_page_shows_the_matrix() -> None:
    text = HEAD + draw() + "\n"
    if "WRITE_DOCS" in os.environ:
        PAGE.write_text(text)
    assert PAGE.read_text() == text


@pytest.mark.parametrize(
    ("fault", "method"),
    [(fault, method) for fault in MATRIX for method in fault.methods],
    ids=lambda each: each.name if isinstance(each, Fault) else each,
)
async def test_the_end(till: Till, tools: Tools, receiver: Receiver, clock: Clock, fault: Fault, method: str) -> None:
    story = Story(till, tools, receiver, clock, fault)
    payment = await story.play(method)
    entries = await asyncio.to_thread(till.sandbox.ledger, payment["treasury_reference"])
    ends = [(entry["captured_cents"], entry["refunded_cents"], entry["dispute"]) for entry in entries]
    wanted = fault.captured + (fault.cents if fault.captured else 0)
    assert (payment["state"], ends) == (fault.state, [(wanted, fault.refunded, fault.dispute)])
    assert payment["refunded"]["amount_cents"] == fault.refunded


class Story:
    def __init__(self, till: Till, tools: Tools, receiver: Receiver, clock: Clock, fault: Fault) -> None:
        self.till, self.tools, self.receiver, self.clock, self.fault = till, tools, receiver, clock, fault
        self.heard = len(receiver.received)
        self.session = ""

    async def play(self, method: str) -> dict[str, Any]:
        fault, till = self.fault, self.till
        item = {"description": "Auszug", "quantity": 1, "amount_cents": 1500 + fault.cents, "accounting": {}}
        payment = await till.create(capture="manual", items=[item])
        await till.open(payment)
        await self.order()
        hosted = await self.choose(payment, method)
        self.session = hosted.split("?")[0].rsplit("/", 1)[-1]
        for choice, number in fault.choices:
            await till.press(hosted, choice, **({"number": number} if number else {}))
        await self.settle(payment, "authorised")
        if "lapse" in fault.after:
            await self.intervene("lapse")
        else:
            await self.order()
            await till.call(f"/v1/payments/{payment['id']}/capture")
        await self.settle(payment, fault.state)
        await self.afterwards(payment)
        return await till.read(payment)

    async def afterwards(self, payment: dict[str, Any]) -> None:
        for what in self.fault.after:
            if what != "lapse":
                await self.intervene(what)
                await self.deliver()
                await read_disputes(self.tools)
        if self.fault.refund:
            await self.order()
            wanted = {"amount_cents": self.fault.refund, "reason": "reduced"}
            answer = await self.till.call(f"/v1/payments/{payment['id']}/refunds", wanted)
            assert answer.status_code == (409 if self.fault.dispute in ("open", "lost") else 200)
            for _ in range(TRIES):
                self.clock.pass_by(seconds=20)
                await submit_refunds(self.tools)

    async def order(self) -> None:
        if self.fault.faults:
            await asyncio.to_thread(self.till.sandbox.set_faults, **self.fault.faults)

    async def choose(self, payment: dict[str, Any], method: str) -> str:
        """A citizen who is told to try again does so."""
        for _ in range(TRIES):
            answer = await self.till.choose(payment, method)
            if answer.status_code == 303 and answer.headers["location"].startswith(self.till.sandbox.url):
                return answer.headers["location"]
        raise AssertionError(answer.text)

    async def intervene(self, what: str) -> None:
        path = f"/control/sales/{self.session}/{what}"
        assert (await asyncio.to_thread(self.till.sandbox.http.post, path)).status_code == 200

    async def settle(self, payment: dict[str, Any], wanted: str) -> None:
        """Bring the webhooks, then let the worker come by, as often as it takes; at last the time is up."""
        await self.deliver()
        for _ in range(TRIES):
            if (await self.till.read(payment))["state"] == wanted:
                return
            self.clock.pass_by(seconds=70)
            await sweep_attempts(self.tools)
        if self.fault.state == "expired":
            self.clock.pass_by(minutes=31)
            await expire_payments(self.tools)
            await sweep_attempts(self.tools)

    async def deliver(self) -> None:
        if self.fault.delivery == "lost":
            return
        await asyncio.sleep(0.2)  # the sandbox sends within a twentieth of a second
        new = self.receiver.received[self.heard :]
        self.heard += len(new)
        for webhook in {"reversed": new[::-1], "twice": [*new, *new]}.get(self.fault.delivery, new):
            headers = webhook.headers
            answer = await self.till.app.post(webhook.path, content=webhook.body, headers=headers)
            assert answer.status_code == 200, answer.text
