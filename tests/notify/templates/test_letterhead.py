"""The town's face in a mail: eleven towns that are told apart, readable colours, a logo that travels along."""

import re
import tomllib
from pathlib import Path

import msgspec
import pytest
from tests.notify.conftest import Notify
from tests.notify.letters import TENANT, a_letter
from tests.notify.reading import read, shape, text_of
from tests.notify.templates.pages import reader_of
from tests.notify.templates.pictures import png
from tests.notify.writing import occasion_of

from contracts.tenant import Colours, TenantProfile, TenantsFile
from kit.web.brand import contrast
from notify.language import language_of
from notify.mail.letterhead import CONTRAST_MIN, Letterhead, readable
from notify.mail.rendering import render
from notify.mail.style import Style
from notify.usecases.configure import LOGO_BYTES_MAX, FileUnfit, configure, read_logos, read_tenants

FILE = Path(__file__).parents[3] / "deploy/demo/src/demo/seed/tenants.toml"
TOWNS = msgspec.convert(tomllib.loads(FILE.read_text("utf-8")), TenantsFile).tenants
OWN_PAGES = Style(Letterhead("https://termine.example"))


def html_of(tenant: TenantProfile, style: Style = OWN_PAGES) -> str:
    return render(occasion_of("confirmation", tenant=tenant), language_of("de"), style).html


@pytest.mark.parametrize("town", TOWNS, ids=[town.slug for town in TOWNS])
def test_each_town_is_told_by_name_address_and_colour(town: TenantProfile) -> None:
    html = html_of(town)
    said = " ".join(reader_of(html).pieces)
    assert town.name in said
    assert f"{town.address.street}, {town.address.postcode} {town.address.city}" in said
    assert town.phone in said
    head = html[html.index("<td") : html.index("<h1")]
    assert f"background-color:{town.colours.primary}" in head
    assert "<img" not in html
    for page in ("impressum", "datenschutz"):
        assert f"https://termine.example/{town.slug}/{page}" in reader_of(html).links


def test_the_towns_look_different() -> None:
    assert len({town.colours.primary for town in TOWNS}) == len(TOWNS) == 11


@pytest.mark.parametrize(
    ("colours", "expected"),
    [
        (Colours("#004b93", "#ffffff", "#e2001a"), Colours("#004b93", "#ffffff", "#e2001a")),
        (Colours("#ffe600", "#ffffff", "#e2001a"), Colours("#ffe600", "#000000", "#e2001a")),
        (Colours("#222222", "#333333", "#e2001a"), Colours("#222222", "#ffffff", "#e2001a")),
    ],
)
def test_what_could_not_be_read_is_mended(colours: Colours, expected: Colours) -> None:
    assert readable(colours) == expected
    assert contrast(expected.primary, expected.on_primary) >= CONTRAST_MIN


def test_what_is_no_colour_gets_into_no_style() -> None:
    odd = msgspec.structs.replace(TENANT, colours=Colours("red;background:url(//evil.example)", "#fff", "x"))
    html = html_of(odd)
    assert "evil.example" not in html
    assert re.search(r"background-color:(#\w{6});border-bottom", html)


def test_without_own_pages_there_are_no_links_to_them() -> None:
    assert not any("impressum" in link for link in reader_of(html_of(TENANT, Style())).links)


async def test_a_logo_beside_the_tenants_file_stands_in_the_mail(notify: Notify, tmp_path: Path) -> None:
    file = tmp_path / "tenants.toml"
    entry = FILE.read_text("utf-8").split("[[tenants]]")[1].replace("kreis-heinsberg", "heinsberg")
    file.write_text(f'[[tenants]]\nlogo = "wappen.png"\n{entry}', "utf-8")
    (tmp_path / "wappen.png").write_bytes(png())
    tenants = read_tenants(file)
    await configure(notify.pool, tenants, logos=read_logos(file, tenants))
    await notify.tell("appointment.confirmed", a_letter(clerks=()))
    mail = read(notify.mail.taken[0][2])
    related = ("related", "text/html", "image/png")
    assert shape(mail) == ("mixed", ("alternative", "text/plain", related), "text/calendar")
    image = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert (image["Content-ID"], image.get_content_disposition()) == ("<logo>", "inline")
    assert image.get_payload(decode=True) == png()
    assert '<img src="cid:logo" alt=""' in text_of(mail, "html")
    await configure(notify.pool, tenants)
    assert await notify.pool.fetchval("SELECT logo FROM tenant WHERE slug = 'heinsberg'") is None


@pytest.mark.parametrize("data", [None, b"GIF89a", png() + b"\0" * LOGO_BYTES_MAX])
def test_what_is_no_small_picture_is_refused(data: bytes | None, tmp_path: Path) -> None:
    if data is not None:
        (tmp_path / "x.png").write_bytes(data)
    tenants = TenantsFile((msgspec.structs.replace(TENANT, logo="x.png"),))
    with pytest.raises(FileUnfit, match=r"x\.png"):
        read_logos(tmp_path / "tenants.toml", tenants)


@pytest.mark.parametrize("name", ["../x.png", "x.svg", "/etc/x.png"])
def test_a_logo_lies_beside_the_file(name: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"logo"):
        msgspec.convert(msgspec.to_builtins(TENANT) | {"logo": name}, TenantProfile)
