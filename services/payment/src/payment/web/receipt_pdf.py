"""The receipt as PDF/UA: tagged, titled, with a language and described images. Typst refuses to write what is not."""

import io
import json
import unicodedata
from pathlib import Path
from typing import Any

import segno
import typst

from contracts.money import Money
from kit.web.formats import Formats
from kit.web.language import Language
from payment.domain.receipt import Receipt

TEMPLATE = (Path(__file__).parent / "templates" / "receipt.typ").read_bytes()
LETTERS = (
    range(0x20, 0x500),
    range(0x1E00, 0x2000),
    range(0x2010, 0x2028),
    range(0x2030, 0x2041),
    range(0x20A0, 0x20C1),
)
"""Latin, Greek and Cyrillic with their marks, punctuation, currencies: what the font has, as PDF/UA demands."""


def draw_receipt(receipt: Receipt, verification_url: str, t: Language, colour: str) -> bytes:
    """All text travels as data and is never read as markup."""
    words = _drawable(_words(receipt, t)) | {"qr": _qr_svg(verification_url), "url": verification_url, "colour": colour}
    pdf = typst.compile(
        TEMPLATE,
        format="pdf",
        sys_inputs={"receipt": json.dumps(words)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=int(receipt.issued_at.timestamp()),
    )
    assert isinstance(pdf, bytes)  # one document
    return pdf


def _words(receipt: Receipt, t: Language) -> dict[str, Any]:
    issuer, f = receipt.issuer, Formats(t)
    return {
        "lang": t.code,
        "title": f"{t('receipt.title')} {receipt.payment.treasury_reference}",
        "heading": t("receipt.title"),
        "issuer": issuer.name,
        "address": f"{issuer.address.street}, {issuer.address.postcode} {issuer.address.city}",
        "contact": f"{issuer.phone} · {issuer.email}",
        "lead": t("receipt.lead", name=issuer.name),
        "caption": receipt.payment.description,
        "head": [t("order.item"), t("order.quantity"), t("order.amount")],
        "items": [
            [item.description, str(item.quantity), f.money(item.quantity * item.amount_cents, receipt.payment.currency)]
            for item in receipt.items
        ],
        "total": [t("order.total"), _money(f, receipt.asked)],
        "facts": [[name, value] for name, value in _facts(receipt, t, f) if value],
        "note": t("receipt.pdf_note", moment=f.moment(receipt.issued_at, issuer.time_zone)),
        "verify": t("receipt.verify"),
        "verify_text": t("receipt.verify_text"),
        "qr_alt": t("receipt.qr"),
    }


def _drawable(words: Any) -> Any:
    """The same, with `?` for each character that cannot be drawn: callers' texts may hold any."""
    if isinstance(words, str):
        return "".join(each if is_drawable(each) else "?" for each in unicodedata.normalize("NFC", words))
    if isinstance(words, dict):
        return {name: _drawable(each) for name, each in words.items()}
    return [_drawable(each) for each in words]


def is_drawable(character: str) -> bool:
    return unicodedata.category(character)[0] != "C" and any(ord(character) in letters for letters in LETTERS)


def _facts(receipt: Receipt, t: Language, f: Formats) -> list[tuple[str, str]]:
    payment, zone, card = receipt.payment, receipt.issuer.time_zone, receipt.card
    back = [
        (
            t(f"receipt.back.{entry.word}", day=f.moment(entry.at, zone)),
            f.money(abs(entry.amount_cents), payment.currency),
        )
        for entry in receipt.given_back
    ]
    return [
        (t("receipt.paid"), _money(f, receipt.paid)),
        (t("receipt.paid_at"), f.moment(receipt.paid_at, zone)),
        (t("receipt.method"), t(f"method.{receipt.method}")),
        (t("receipt.card"), t("receipt.card_value", brand=card.name, last4=card.last4) if card else ""),
        *back,
        (t("receipt.kept"), _money(f, receipt.kept) if back else ""),
        (t("order.treasury_reference"), payment.treasury_reference),
        (t("order.reference"), payment.reference),
        (t("receipt.legal_basis"), "; ".join(receipt.legal_bases)),
    ]


def _money(f: Formats, money: Money) -> str:
    return f.money(money.amount_cents, money.currency)


def _qr_svg(text: str) -> str:
    data = io.BytesIO()
    segno.make(text, micro=False, error="m").save(data, kind="svg", light="white", border=4)
    return data.getvalue().decode()
