from datetime import date
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as some

from kit.tables import csv_line
from payment.domain.day_close import HEADER, PostedItem, Posting, Sum, Totals, rows_of, share

cents = some.integers(min_value=-(10**9), max_value=10**9)
weights = some.lists(some.integers(min_value=0, max_value=10**7), min_size=1, max_size=99)


@given(cents, weights)
def test_shares_sum_up_and_are_fair(whole: int, prices: list[int]) -> None:
    parts = share(whole, prices)
    assert sum(parts) == whole
    even = prices if any(prices) else [1] * len(prices)
    assert all(
        abs(part - whole * price / sum(even)) <= 1 + abs(whole) * 1e-9 for part, price in zip(parts, even, strict=True)
    )


def posting(**changes: Any) -> Posting:
    whole = Posting(
        number=7,
        kind="capture",
        amount_cents=4600,
        fee_cents=94,
        booked_on=date(2026, 11, 20),
        treasury_reference="HS-2026-0000001-5",
        provider="stripe",
        provider_reference="pi_1",
        payout_id="po_1",
        parts=[
            PostedItem("Personalausweis", 3700, {"Haushaltsstelle": "1.0500", "Kostenträger": "122"}),
            PostedItem("Lichtbild im Bürgerbüro der Stadt", 900, {"Objektnummer": "9", "Konto": "431100"}),
        ],
    )
    return msgspec.structs.replace(whole, **changes)


def lines(*postings: Posting) -> list[str]:
    return [csv_line(row) for one in postings for row in rows_of(one)]


def test_fees_by_age_can_be_told_apart() -> None:
    cards = [PostedItem(f"Personalausweis beantragen ({age} 24 Jahre)", 2760, {}) for age in ("ab", "unter")]
    first, second = ([row[-4] for row in rows_of(posting(parts=[card]))] for card in cards)
    assert first == ["Personalausweis beantragen (ab 24 Jahre)"]
    assert second == ["Personalausweis beantragen (unter 24 Jahre)"]


def test_one_line_an_item_with_its_keys() -> None:
    first, second = lines(posting())
    begin = "HS-2026-0000001-5;2026-11-20;Einzahlung"
    assert first == f"7;1;{begin};37,00;0,76;36,24;1.0500;122;;;Personalausweis;stripe;pi_1;po_1\r\n"
    words = "Konto=431100;Lichtbild im Bürgerbüro der Stadt"
    assert second == f"7;2;{begin};9,00;0,18;8,82;;;9;{words};stripe;pi_1;po_1\r\n"
    assert all(len(list(row)) == len(HEADER) for row in rows_of(posting()))


def test_the_treasury_reads_its_own_purpose_whatever_the_payer_reads() -> None:
    english = PostedItem("Identity card", 4600, {"Konto": "431100", "purpose": "Personalausweis"})
    [line] = lines(posting(parts=[english]))
    assert line.endswith(";Konto=431100;Personalausweis;stripe;pi_1;po_1\r\n")


def test_what_goes_out_is_negative_and_a_lone_fee_has_no_gross() -> None:
    [first, second] = lines(posting(kind="refund", amount_cents=-2301, fee_cents=0))
    assert ";Erstattung;-18,51;0,00;-18,51;" in first
    assert ";Erstattung;-4,50;0,00;-4,50;" in second
    [fee] = lines(posting(kind="fee", amount_cents=-200, fee_cents=0, parts=[], treasury_reference=""))
    assert fee.startswith("7;1;;2026-11-20;Gebühr;0,00;2,00;-2,00;")


def test_no_cell_is_a_formula() -> None:
    evil = [PostedItem('=HYPERLINK("http://evil")', 1, {"Haushaltsstelle": "+1+1", "@x": "-2"})]
    [line] = lines(posting(parts=evil, provider_reference="@cmd"))
    cells = [cell.strip('"') for cell in line.strip().split(";")]
    assert cells[8] == "'+1+1"
    assert cells[11] == "'@x=-2"
    assert cells[12].startswith("'=HYPERLINK")
    assert cells[14] == "'@cmd"


def test_totals_as_a_bank_sums_up() -> None:
    totals = Totals()
    for one in (
        posting(),
        posting(kind="refund", amount_cents=-600, fee_cents=0),
        posting(kind="fee", amount_cents=-200, fee_cents=0),
    ):
        totals = totals.plus(one)
    assert (totals.credits, totals.debits) == (Sum(1, 4600), Sum(1, -600))
    assert (totals.fee_cents, totals.net_cents) == (294, 3706)
    assert totals.by_kind == {"capture": Sum(1, 4600), "refund": Sum(1, -600), "fee": Sum(1, -200)}
