import re
from datetime import date

import pytest
from tests.payment.support.camt import IBAN, entry, statement

from payment.domain.errors import InvalidRequest
from payment.domain.statement import Statement, StatementEntry, read_statements

DAY = date(2026, 11, 20)


def plain(version: str = "001.08") -> bytes:
    entries = [
        entry(4506, DAY, "STRIPE PO1ABC", "Stripe Technology Europe Ltd", version=version),
        entry(-1200, DAY, "Miete", "Erika Mustermann", version=version),
        entry(9999, DAY, "kommt noch", "Max Mustermann", status="PDNG", version=version),
        entry(300, DAY, "/PAYPAL Abbuchung", version=version),
    ]
    return statement(entries, 100_000, 103_606, DAY, version=version)


@pytest.mark.parametrize("version", ["001.02", "001.04", "001.06", "001.08"])
def test_every_version_says_the_same(version: str) -> None:
    [found] = read_statements(plain(version))
    assert found == Statement(
        iban=IBAN,
        number="2026-321",
        currency="EUR",
        opened_cents=100_000,
        closed_cents=103_606,
        closed_on=DAY,
        entries=(
            StatementEntry(
                amount_cents=4506,
                booked_on=DAY,
                provider="stripe",
                text="Stripe Technology Europe Ltd STRIPE PO1ABC",
            ),
            StatementEntry(amount_cents=-1200, booked_on=DAY),
            StatementEntry(amount_cents=300, booked_on=DAY, provider="paypal", text="/PAYPAL Abbuchung"),
        ),
    )


def test_of_other_people_nothing_is_kept_but_the_amount() -> None:
    [found] = read_statements(statement([entry(500, DAY, "für Stripe-Shirt", "Max Muster")], 0, 500, DAY))
    assert found.entries == (StatementEntry(amount_cents=500, booked_on=DAY),)


def refusal(content: bytes) -> str:
    with pytest.raises(InvalidRequest) as refused:
        read_statements(content)
    return refused.value.detail


def test_balances_and_entries_must_sum_up() -> None:
    assert "1000 + 500 cents are not 1501" in refusal(statement([entry(500, DAY)], 1000, 1501, DAY))
    assert read_statements(statement([], -700, -700, DAY))


BOMB = (
    b"""<?xml version="1.0"?><!DOCTYPE Document [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><Document>&b;</Document>"""
)
FILE = b"""<!DOCTYPE Document [<!ENTITY f SYSTEM "file:///etc/passwd">]><Document>&f;</Document>"""
OUTSIDE = b"""<!DOCTYPE Document SYSTEM "http://127.0.0.1:1/evil.dtd"><Document/>"""


@pytest.mark.parametrize("content", [BOMB, FILE, OUTSIDE])
def test_a_document_type_is_refused_before_anything_in_it_counts(content: bytes) -> None:
    assert "document type" in refusal(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xml",
        b"<Document>",
        b"\x00\xff",
        b'<?xml version="1.0" encoding="klingon"?><Document/>',
        b"<Document/>",
        b"<Document><BkToCstmrStmt/></Document>",
        b"<a>" * 10_000,
        b"&lol;",
    ],
)
def test_whatever_else_comes_is_refused(content: bytes) -> None:
    assert refusal(content).startswith("body")


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        (IBAN, "DE89370400440532013001", "IBAN"),
        ("<Id>2026-321</Id>", "", "Stmt[0].Id"),
        ("CLBD", "NONE", "Bal"),
        (">45.06<", ">45.061<", "Ntry[0].Amt"),
        (">45.06<", ">-45.06<", "Ntry[0].Amt"),
        (">45.06<", ">NaN<", "Ntry[0].Amt"),
        (">45.06<", ">1e99999<", "Ntry[0].Amt"),
        ("<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "<Sts>", "Ntry[0].CdtDbtInd"),
        ("<BookgDt><Dt>2026-11-20", "<BookgDt><Dt>heute", "Ntry[0].BookgDt"),
        ("<Bal>", "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn><Bal>", "StmtPgntn"),
    ],
)
def test_a_fault_names_its_place(before: str, after: str, place: str) -> None:
    content = re.sub(re.escape(before), after, plain().decode(), count=1)
    if before == "CLBD":
        content = plain().decode().replace(before, after)
    assert place in refusal(content.encode())
