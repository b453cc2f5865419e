"""The sample document: one page of PDF 1.4, written by hand since it needs lines and two fonts only."""

from collections.abc import Sequence
from datetime import date

from demo.portal.orders import Order

PLOTS = [(70, 300, 180, 170), (250, 300, 130, 250), (70, 470, 180, 130), (380, 300, 140, 160), (380, 460, 140, 140)]
"""Invented plots of land: x, y, width and height in points. The second one is the ordered one."""


def make_extract(order: Order, day: date) -> bytes:
    parcel = order.parcel
    lines = [
        "Auszug aus dem Liegenschaftskataster",
        "Liegenschaftskarte 1:1000",
        f"Gemarkung {parcel.district} · Flur {parcel.field} · Flurstück {parcel.plot}",
        f"Kreis Heinsberg, Vermessungs- und Katasteramt, {day:%d.%m.%Y}",
        f"Kassenzeichen {order.reference or '-'}",
    ]
    return _pdf("\n".join([*_header(lines), *_map(parcel.plot), *_watermark()]))


def _header(lines: Sequence[str]) -> list[str]:
    sizes = [18, 12, 12, 10, 10]
    return [_text(line, 70, 780 - 24 * row, size) for row, (line, size) in enumerate(zip(lines, sizes, strict=True))]


def _map(plot: str) -> list[str]:
    outlines = [f"{x} {y} {width} {height} re S" for x, y, width, height in PLOTS]
    x, y, width, height = PLOTS[1]
    return ["0.9 0.92 0.8 rg", f"{x} {y} {width} {height} re f", "0 g", *outlines, _text(plot, x + 40, y + 120, 14)]


def _watermark() -> list[str]:
    return [
        "q 0.75 0.1 0.1 rg 0.87 0.5 -0.5 0.87 150 320 cm",
        _text("MUSTER", 0, 0, 96),
        "Q",
        _text("MUSTER - nur zur Vorführung, kein amtlicher Auszug.", 70, 240, 12),
    ]


def _text(text: str, x: int, y: int, size: int) -> str:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"BT /F1 {size} Tf {x} {y} Td ({escaped}) Tj ET"


def _pdf(content: str) -> bytes:
    """Objects, their places, and a trailer (ISO 32000-1, 7.5). Odd characters become question marks."""
    stream = content.encode("cp1252", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /Lang (de) >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Font << /F1 5 0 R >> >>",
        b"<< /Title (MUSTER Auszug Liegenschaftskarte) >>",
    ]
    data, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return (
        data
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(data))
    )
