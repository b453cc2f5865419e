"""A bank's statement (camt.053, versions 001.02 to 001.08, read by local names): what was booked on the account.

Of the entries only those that name a payment provider keep their words: the others are other people's business, and
count only in the sum.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from xml.etree.ElementTree import Element

import msgspec

from payment.domain.attempt import Provider
from payment.domain.errors import InvalidRequest
from payment.domain.iban import is_iban
from payment.domain.safe_xml import XmlRefused, child, read_xml, text_at

TEXT_LENGTH_MAX = 500
STATEMENTS_MAX = 100
AMOUNT_MAX = Decimal(10**12)
PROVIDER_WORDS: tuple[tuple[str, Provider], ...] = (("stripe", "stripe"), ("paypal", "paypal"))


class StatementEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A credit is positive. `text` is empty unless a provider is named."""

    amount_cents: int
    booked_on: date
    provider: Provider | None = None
    text: str = ""


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    iban: str
    number: str
    """The bank's own id of the statement."""
    currency: str
    opened_cents: int
    closed_cents: int
    closed_on: date
    entries: tuple[StatementEntry, ...]


def read_statements(content: bytes) -> list[Statement]:
    """Raises InvalidRequest, whose errors name the place."""
    try:
        root = read_xml(content)
    except XmlRefused as error:
        raise InvalidRequest(("body", f"is no XML that is taken here: {error}")) from None
    found = root.findall("BkToCstmrStmt/Stmt") if root.tag == "Document" else []
    if not 1 <= len(found) <= STATEMENTS_MAX:
        raise InvalidRequest(("body", f"is no camt.053 message with 1 to {STATEMENTS_MAX} statements"))
    return [_statement(element, f"Stmt[{place}]") for place, element in enumerate(found)]


def _statement(element: Element, place: str) -> Statement:
    if text_at(element, "StmtPgntn", "LastPgInd") == "false" or text_at(element, "StmtPgntn", "PgNb") not in ("", "1"):
        raise InvalidRequest((f"{place}.StmtPgntn", "a statement in several messages is not taken: ask for one"))
    balances = {_code(balance, "Tp", "CdOrPrtry"): balance for balance in reversed(element.findall("Bal"))}
    opening = balances.get("OPBD", balances.get("PRCD"))
    closing = balances.get("CLBD")
    if opening is None or closing is None:
        raise InvalidRequest((f"{place}.Bal", "opening (OPBD or PRCD) and closing balance (CLBD) are needed"))
    statement = Statement(
        iban=_iban(element, place),
        number=_number(element, place),
        currency=_currency(closing, f"{place}.Bal"),
        opened_cents=_signed_cents(opening, f"{place}.Bal"),
        closed_cents=_signed_cents(closing, f"{place}.Bal"),
        closed_on=_day(closing, "Dt", f"{place}.Bal"),
        entries=tuple(_entries(element, place)),
    )
    _check_sum(statement, place)
    return statement


def _check_sum(statement: Statement, place: str) -> None:
    moved_cents = sum(entry.amount_cents for entry in statement.entries)
    if statement.opened_cents + moved_cents != statement.closed_cents:
        detail = f"{statement.opened_cents} + {moved_cents} cents are not {statement.closed_cents}"
        raise InvalidRequest(
            (f"{place}.Bal", f"opening balance and booked entries do not give the closing one: {detail}")
        )


def _entries(element: Element, place: str) -> Iterator[StatementEntry]:
    """The booked ones: what is pending or for information comes again."""
    for number, entry in enumerate(element.findall("Ntry")):
        if (text_at(entry, "Sts", "Cd") or text_at(entry, "Sts")) == "BOOK":
            where = f"{place}.Ntry[{number}]"
            provider, words = _provider_and_words(entry)
            yield StatementEntry(
                amount_cents=_signed_cents(entry, where),
                booked_on=_day(entry, "BookgDt", where),
                provider=provider,
                text=words[:TEXT_LENGTH_MAX] if provider else "",
            )


def _provider_and_words(entry: Element) -> tuple[Provider | None, str]:
    """The other side's name decides, where the bank gives one: a purpose may name whomever it likes."""
    is_credit = text_at(entry, "CdtDbtInd") == "CRDT"
    parties = [name.text or "" for name in _party_names(entry, "Dbtr" if is_credit else "Cdtr")]
    words = [
        found.text or ""
        for name in ("EndToEndId", "Ustrd", "AcctSvcrRef", "AddtlNtryInf", "AddtlTxInf")
        for found in entry.iter(name)
    ]
    named = " ".join(parties or words).lower()
    provider = next((provider for word, provider in PROVIDER_WORDS if word in named), None)
    return provider, " ".join(" ".join([*parties, *words]).split())


def _party_names(entry: Element, side: str) -> Iterator[Element]:
    for party in entry.iter(side):
        yield from party.iter("Nm")


def _code(element: Element, *path: str) -> str:
    return text_at(element, *path, "Cd") or text_at(element, *path, "Prtry")


def _iban(element: Element, place: str) -> str:
    iban = text_at(element, "Acct", "Id", "IBAN").replace(" ", "")
    if not is_iban(iban):
        raise InvalidRequest((f"{place}.Acct.Id.IBAN", "is no IBAN"))
    return iban


def _number(element: Element, place: str) -> str:
    number = text_at(element, "Id")
    if not 1 <= len(number) <= 70:
        raise InvalidRequest((f"{place}.Id", "1 to 70 characters"))
    return number


def _currency(element: Element, place: str) -> str:
    """Of the account, which is the treasury's in euros."""
    currency = text_at(element, "Ccy") or "EUR"
    if currency != "EUR":
        raise InvalidRequest((place, "only accounts in EUR are read"))
    return currency


def _signed_cents(element: Element, place: str) -> int:
    sign = {"CRDT": 1, "DBIT": -1}.get(text_at(element, "CdtDbtInd"))
    if sign is None:
        raise InvalidRequest((f"{place}.CdtDbtInd", "CRDT or DBIT"))
    try:
        cents = Decimal(text_at(element, "Amt")) * 100
    except InvalidOperation:
        cents = Decimal(-1)
    if not cents.is_finite() or not 0 <= cents <= AMOUNT_MAX or cents != cents.to_integral_value():
        raise InvalidRequest((f"{place}.Amt", "an amount in euros and whole cents, without a sign"))
    return sign * int(cents)


def _day(element: Element, name: str, place: str) -> date:
    given = child(element, name)
    text = text_at(given, "Dt") or text_at(given, "DtTm")
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise InvalidRequest((f"{place}.{name}", "a day is needed")) from None
