"""The receipt, as a page and as a PDF that others read back, and the page that verifies it."""

import io
import re
from typing import Any, NamedTuple

import msgspec
import pypdf
import pypdfium2
import pytest
import typst
import zxingcpp
from PIL import Image
from tests.payment.domain.samples import NOW
from tests.payment.domain.samples import payment as a_payment
from tests.payment.support.house import PUBLIC_URL, Clock, profile
from tests.payment.web.conftest import Till
from tests.payment.web.desk import paid

from contracts.payment import PaymentItem
from kit.sql import Pool
from kit.web.language import Languages
from payment.domain.receipt import GivenBack, Receipt, legal_bases
from payment.web.receipt_pdf import LETTERS, draw_receipt, is_drawable

LAW = "GebG NRW"


class Paper(NamedTuple):
    reader: pypdf.PdfReader
    text: str
    picture: Image.Image

    @property
    def code(self) -> str:
        return code_in(self.picture)


def code_in(picture: Image.Image) -> str:
    (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    return str(found.text)


async def paper(till: Till, payment: dict[str, Any], lang: str = "de") -> Paper:
    answer = await till.get(f"/heinsberg/kasse/{payment['id']}/beleg.pdf?lang={lang}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf"), answer.text
    assert payment["treasury_reference"] in answer.headers["content-disposition"]
    reader = pypdf.PdfReader(io.BytesIO(answer.content))
    text = re.sub(r"\s+", " ", " ".join(page.extract_text() for page in reader.pages))
    return Paper(reader, text, pypdfium2.PdfDocument(answer.content)[0].render(scale=4).to_pil())


async def with_law(house: Pool) -> None:
    await house.execute("UPDATE tenant SET legal_basis = $1", LAW)


def kinds(node: Any) -> list[str]:
    """The names of all tags, in reading order."""
    node = node.get_object()
    if isinstance(node, list):
        return [kind for child in node for kind in kinds(child)]
    if not isinstance(node, dict):
        return []
    own = [str(node["/S"])] if "/S" in node else []
    return own + (kinds(node["/K"]) if "/K" in node else [])


def figures(node: Any) -> list[Any]:
    node = node.get_object()
    children = node if isinstance(node, list) else [node["/K"]] if isinstance(node, dict) and "/K" in node else []
    own = [node] if isinstance(node, dict) and node.get("/S") == "/Figure" else []
    return own + [found for child in children for found in figures(child)]


async def test_the_pdf_says_what_was_paid_for_what_and_by_which_law(till: Till, house: Pool) -> None:
    await with_law(house)
    payment = await paid(till)
    await till.call(f"/v1/payments/{payment['id']}/refunds", {"amount_cents": 500, "reason": "reduced"})
    german, english = await paper(till, payment), await paper(till, payment, "en")
    for expected in (
        "Stadt Heinsberg",
        "Apfelstraße 60, 52525 Heinsberg",
        "Auszug Liegenschaftskarte",
        payment["treasury_reference"],
        "Bezahlt: 15,00 €",
        "Kreditkarte",
        "endet auf 4242",
        "Verbleibt: 10,00 €",
        f"Rechtsgrundlage: {LAW}",
    ):
        assert expected in german.text, german.text
    assert re.search(r"Erstattet am [^:]+, \d\d:\d\d Uhr: 5,00 €", german.text), german.text
    for expected in ("Receipt", "Paid: €15.00", "Remains: €10.00", f"Legal basis: {LAW}"):
        assert expected in english.text, english.text


async def test_the_pdf_is_tagged_titled_and_described(till: Till) -> None:
    payment = await paid(till)
    reader = (await paper(till, payment)).reader
    root = reader.root_object
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "de"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata
    assert payment["treasury_reference"] in str(reader.metadata.title)
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()
    tags = kinds(root["/StructTreeRoot"])
    for tag in ("/H1", "/H2", "/Table", "/TH", "/TD", "/Caption", "/Figure", "/Link", "/LI"):
        assert tag in tags
    assert tags.index("/H1") < tags.index("/Table") < tags.index("/Figure")
    pictures = [figure for figure in figures(root["/StructTreeRoot"]) if "/Alt" in figure]
    assert ["QR-Code" in str(figure["/Alt"]) for figure in pictures] == [True]


async def test_the_code_leads_to_the_verification_and_nothing_else(till: Till) -> None:
    payment = await paid(till)
    code = (await paper(till, payment)).code
    assert code.startswith(f"{PUBLIC_URL}/heinsberg/quittung/")
    till.app.cookies.clear()
    page = await till.get(code)
    assert page.status_code == 200
    for expected in ("verification-genuine", "15,00\u00a0€", payment["treasury_reference"], "Stadt Heinsberg"):
        assert expected in page.text
    for hidden in ("Auszug", "order-1", "4242", payment["id"], "/kasse/", "portal.example"):
        assert hidden not in page.text
    assert page.headers["x-robots-tag"] == "noindex"


async def give_back(till: Till, payment: dict[str, Any], cents: int) -> None:
    answer = await till.call(f"/v1/payments/{payment['id']}/refunds", {"amount_cents": cents, "reason": "reduced"})
    assert answer.status_code == 200, answer.text


async def test_the_verification_says_what_went_back(till: Till) -> None:
    payment = await paid(till)
    code = (await paper(till, payment)).code
    await give_back(till, payment, 500)
    part = (await till.get(code)).text
    for expected in ("verification-reduced", "kern-alert--success", "15,00\u00a0€", "5,00\u00a0€", "10,00\u00a0€"):
        assert expected in part
    await give_back(till, payment, 1000)
    german, english = (await till.get(code)).text, (await till.get(f"{code}?lang=en")).text
    for expected in ("verification-returned", "kern-alert--warning", "0,00\u00a0€", "bezahlt ist damit nichts mehr"):
        assert expected in german
    for expected in ("verification-returned", "€0.00", "nothing of it is paid any more"):
        assert expected in english


async def test_the_pages_code_is_the_same(till: Till, house: Pool) -> None:
    await with_law(house)
    payment = await paid(till)
    page = (await till.get(f"/heinsberg/kasse/{payment['id']}/beleg")).text
    svg = re.search(r"<svg.*?</svg>", page, re.DOTALL)
    assert svg
    namespaced = svg[0].replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    drawn = typst.compile(
        b'#image(bytes(sys.inputs.svg), format: "svg", width: 8cm)',
        format="png",
        sys_inputs={"svg": namespaced},
        ppi=300,
    )
    assert isinstance(drawn, bytes)
    code = code_in(Image.open(io.BytesIO(drawn)).convert("RGB"))
    assert code == (await paper(till, payment)).code
    assert f'href="{code}"' in page
    for expected in (LAW, "Apfelstraße 60", "beleg.pdf"):
        assert expected in page


async def test_guessed_changed_and_other_links_verify_nothing(till: Till) -> None:
    payment = await paid(till)
    code = (await paper(till, payment)).code
    token = code.rpartition("/")[2]
    checkout = payment["next_url"].rpartition("/")[2]
    changed = ("B" if token[0] == "A" else "A") + token[1:]
    for guess in (changed, token[:-2], payment["id"], payment["treasury_reference"], checkout, "x", "%00"):
        page = await till.get(f"/heinsberg/quittung/{guess}")
        assert page.status_code == 404, guess
        assert "15,00" not in page.text
    other = await till.get(code.replace("/heinsberg/", "/erkelenz/"))
    assert (other.status_code, "verification-unknown" in other.text) == (404, True)
    assert (await till.get(f"/heinsberg/checkout/{token}")).status_code == 401  # it opens no payment


async def test_what_is_not_paid_has_no_receipt(till: Till) -> None:
    payment = await till.create(capture="manual")
    await till.pay(payment)
    for page in ("beleg", "beleg.pdf"):
        assert (await till.get(f"/heinsberg/kasse/{payment['id']}/{page}")).status_code == 404


async def test_without_the_cookie_there_is_no_pdf(till: Till) -> None:
    payment = await paid(till)
    till.app.cookies.clear()
    assert (await till.get(f"/heinsberg/kasse/{payment['id']}/beleg.pdf")).status_code == 401


@pytest.mark.parametrize(
    "words", ['#panic("x") *fett* `roh` $x$ <label> @ref', "\\ \\#let // /* ]])} \u202e\u0007 日本 😀", "W" * 250]
)
async def test_words_of_others_are_text_and_never_markup(till: Till, words: str) -> None:
    items = [{"description": words, "quantity": 2, "amount_cents": 750, "accounting": {"legal_basis": "§ 1 #Satzung"}}]
    payment = await till.create(description=words, items=items)
    await till.pay(payment)
    told = await paper(till, payment)
    assert "§ 1 #Satzung" in told.text
    assert "15,00 €" in told.text
    if words.startswith("#"):
        assert '#panic("x") *fett* `roh` $x$ <label> @ref' in told.text


async def test_an_accepted_amount_stands_beside_what_was_asked_for(till: Till, house: Pool, clock: Clock) -> None:
    payment = await paid(till)
    await house.execute("UPDATE payment SET amount_cents = 1400")  # as `accept_amount` does
    told = await paper(till, payment)
    assert "Bezahlt: 14,00 €" in told.text
    assert "15,00 €" in told.text
    assert clock().strftime("%d.%m.%Y") in told.text


def test_every_letter_that_is_let_through_can_be_drawn() -> None:
    letters = [chr(code) for span in LETTERS for code in span if is_drawable(chr(code))]
    assert set("äöüßÄÖÜẞéçñøłőąžșğİıŵ€§–„“”‚‘…ΑωЖщ") <= set(letters)
    item = PaymentItem(description=" ".join(letters), quantity=1, amount_cents=1)
    drawn = draw_receipt(
        a_receipt([item]), "https://kasse.example/x", Languages(["kit.web", "payment.web"]).get("de"), "#123456"
    )
    assert drawn.startswith(b"%PDF")


def a_receipt(items: list[PaymentItem]) -> Receipt:
    return Receipt(
        issuer=profile(),
        payment=a_payment("paid"),
        items=items,
        legal_bases=[],
        paid_at=NOW,
        method="paypal",
        card=None,
        given_back=[],
        issued_at=NOW,
    )


def test_what_a_dispute_took_stands_on_paper_as_such() -> None:
    taken, returned = GivenBack(NOW, 1500, is_chargeback=True), GivenBack(NOW, -1500, is_chargeback=True)
    assert (taken.word, returned.word) == ("charged_back", "charge_returned")
    receipt = msgspec.structs.replace(a_receipt([]), given_back=[taken, returned])
    german = Languages(["kit.web", "payment.web"]).get("de")
    drawn = draw_receipt(receipt, "https://kasse.example/x", german, "#123456")
    text = re.sub(r"\s+", " ", pypdf.PdfReader(io.BytesIO(drawn)).pages[0].extract_text())
    for expected in ("zurückgeholt am", "wieder eingegangen am", "Verbleibt: 46,00 €"):
        assert expected in text


def test_each_legal_basis_stands_once() -> None:
    def item(**accounting: str) -> PaymentItem:
        return PaymentItem(description="x", quantity=1, amount_cents=1, accounting=accounting)

    items = [item(legal_basis="§ 1 A"), item(), item(legal_basis="§ 1 A"), item(Haushaltsstelle="5")]
    assert legal_bases(items, "§ 9 Z") == ["§ 1 A", "§ 9 Z"]
    assert legal_bases([item()], "") == []
