from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pytest
from tests.payment.support.camt import entry, statement
from tests.payment.support.house import Clock
from tests.payment.web.conftest import Till
from tests.payment.web.desk import staff_token

from kit.sql import Pool

URL = "/v1/staff/statements"
DAY = date(2026, 11, 20)


@pytest.fixture
def content() -> bytes:
    entries = [entry(4506, DAY, "STRIPE PO1", "Stripe"), entry(100, DAY, "Hundesteuer", "Erika Mustermann")]
    return statement(entries, 0, 4606, DAY)


async def send(till: Till, clock: Clock, content: bytes, tenant: str = "heinsberg", **headers: str) -> httpx.Response:
    token = staff_token(clock, "carla", tenant=tenant)
    every = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4()), "Content-Type": "application/xml"}
    return await till.app.post(URL, content=content, headers=every | headers)


async def test_each_statement_counts_once(till: Till, clock: Clock, content: bytes, house: Pool) -> None:
    first: dict[str, Any] = (await send(till, clock, content)).json()["items"][0]
    assert (first["is_new"], first["entries"], first["of_providers"], first["closed_cents"]) == (True, 2, 1, 4606)
    again = (await send(till, clock, content)).json()["items"][0]
    assert again == first | {"is_new": False}
    other = (await send(till, clock, content, tenant="erkelenz")).json()["items"][0]
    assert other["is_new"]
    rows = await house.fetch("SELECT amount_cents, text FROM bank_entry ORDER BY tenant, position")
    assert [tuple(row) for row in rows] == [(4506, "Stripe STRIPE PO1"), (100, "")] * 2


async def test_the_same_key_gets_the_same_answer(till: Till, clock: Clock, content: bytes) -> None:
    key = {"Idempotency-Key": "statement-1"}
    first = await send(till, clock, content, **key)
    assert (await send(till, clock, content, **key)).json() == first.json()
    assert (await send(till, clock, content + b"\n", **key)).json()["code"] == "idempotency_key_reused"


async def test_other_entries_under_a_known_number_are_refused(till: Till, clock: Clock, content: bytes) -> None:
    await send(till, clock, content)
    changed = await send(till, clock, statement([entry(4606, DAY, "", "")], 0, 4606, DAY))
    assert (changed.status_code, changed.json()["code"]) == (409, "statement_differs")


async def test_what_is_no_statement_is_refused_and_says_why(till: Till, clock: Clock, content: bytes) -> None:
    wrong = await send(till, clock, content.replace(b"45.06", b"45.07"))
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "Stmt[0].Bal")
    assert (await send(till, clock, b" " * (8 * 1024 * 1024 + 1))).status_code == 413
    big = content + b" " * 300_000  # more than other calls take
    assert (await send(till, clock, big)).status_code == 201


async def test_another_accounts_statement_is_refused_by_name(till: Till, clock: Clock, house: Pool) -> None:
    foreign = statement([], 0, 0, DAY, iban="DE02120300000000202051")
    refused = await send(till, clock, foreign)
    assert refused.status_code == 400
    [error] = refused.json()["errors"]
    assert error["field"] == "Stmt[0].Acct.Id.IBAN"
    assert ("DE02…2051" in error["message"], "DE89…3000" in error["message"]) == (True, True)
    assert await house.fetchval("SELECT count(*) FROM bank_statement") == 0


async def test_without_a_configured_account_it_says_what_to_do(
    till: Till, clock: Clock, content: bytes, house: Pool
) -> None:
    await house.execute("UPDATE tenant SET iban = NULL WHERE slug = 'heinsberg'")
    refused = await send(till, clock, content)
    assert (refused.status_code, refused.json()["code"]) == (409, "bank_account_missing")
    assert "accounts' file" in refused.json()["detail"]
    assert (await send(till, clock, content, tenant="erkelenz")).status_code == 201


async def test_only_a_treasurer_brings_one(till: Till, clock: Clock, content: bytes) -> None:
    clerk = {"Authorization": f"Bearer {staff_token(clock, 'anna', role='clerk')}"}
    assert (await send(till, clock, content, **clerk)).status_code == 403
    assert (await till.app.post(URL, content=content)).status_code == 401
