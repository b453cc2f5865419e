"""QR codes (ISO/IEC 18004) as SVG: nothing is loaded from elsewhere, and no script draws them."""

import io

import segno
from markupsafe import Markup


def qr_inline(text: str) -> Markup:
    """To stand within a page: dark on white also where the page is dark, since readers expect it so."""
    svg = segno.make(text, micro=False, error="m").svg_inline(
        svgclass="qr", lineclass=None, light="white", omitsize=True
    )
    return Markup(svg)  # noqa: S704 - made by segno of its modules alone; the text is not in it


def qr_file(text: str) -> bytes:
    """For a poster; it is scaled without loss."""
    data = io.BytesIO()
    segno.make(text, micro=False, error="q").save(data, kind="svg", light="white", scale=10)
    return data.getvalue()
