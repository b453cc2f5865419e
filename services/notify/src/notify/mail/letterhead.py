"""The tenant's face in a mail: name, colours, logo, and who is answerable for it."""

import re
from base64 import b64encode

import msgspec

from contracts.tenant import Colours, TenantProfile
from kit.web.brand import contrast
from kit.web.language import Language

CONTRAST_MIN = 4.5
"""WCAG 2.2, 1.4.3: text on its ground."""
LOGO_ID = "logo"
_HEX = re.compile(r"#[0-9A-Fa-f]{6}")
_NEUTRAL = Colours("#2b3036", "#ffffff", "#4b5359")


class Letterhead(msgspec.Struct, frozen=True):
    own_pages_url: str = ""
    """Where the tenants' own pages are (Impressum and the like); empty: unknown, and no link is shown."""
    logo: bytes | None = None
    """A PNG file, sent within the mail: nothing is loaded from elsewhere."""


def letterhead_values(tenant: TenantProfile, letterhead: Letterhead, t: Language) -> dict[str, object]:
    home = f"{letterhead.own_pages_url}/{tenant.slug}" if letterhead.own_pages_url else ""
    return {
        "colours": readable(tenant.colours),
        "logo_url": f"cid:{LOGO_ID}" if letterhead.logo else "",
        "home_url": f"{home}/" if home else "",
        "legal_links": [(t("mail.imprint"), f"{home}/impressum"), (t("mail.privacy"), f"{home}/datenschutz")]
        if home
        else [],
    }


def readable(colours: Colours) -> Colours:
    """The tenant's colours, if text on them can be read; else the same ground with black or white, or neutral ones."""
    if not all(_HEX.fullmatch(colour) for colour in msgspec.structs.astuple(colours)):
        return _NEUTRAL
    if contrast(colours.primary, colours.on_primary) >= CONTRAST_MIN:
        return colours
    best = max(("#ffffff", "#000000"), key=lambda text: contrast(colours.primary, text))
    return msgspec.structs.replace(colours, on_primary=best)


def embed_logo(html: str, logo: bytes | None) -> str:
    """For a browser, which knows no parts of a mail."""
    return html.replace(f"cid:{LOGO_ID}", f"data:image/png;base64,{b64encode(logo).decode()}") if logo else html
