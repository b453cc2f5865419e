"""Values from citizens are shown and do nothing; addresses are what a server may be asked to take."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notify.domain.addresses import bounce_address, envelope_address, fingerprint, mask, plus_address
from notify.domain.names import LENGTH_MAX, defang

LINK = re.compile(r"(?i)://\S|www\.\S|\w\.[a-z]{2,}|@\w")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Erika Mustermann", "Erika Mustermann"),
        ("Dr. Jörg Küppers", "Dr. Jörg Küppers"),
        ("J. R. R. Tolkien", "J. R. R. Tolkien"),
        ("Anne-Marie d’Hondt", "Anne-Marie d’Hondt"),
        ("Dr.Müller", "Dr. Müller"),
        ("Max http://evil.example", "Max http: //evil. example"),
        ("Max www.evil.example/x", "Max www. evil. example/x"),
        ("max@evil.example", "max (at) evil. example"),
        ("evil。example", "evil. example"),
        ("10.0.0.1", "10. 0. 0. 1"),
        ("Max\r\nBcc: all@example.org", "Max Bcc: all (at) example. org"),
        ("Max\u202egpj.exe", "Maxgpj. exe"),
        ("a\x00b\x1bc", "abc"),
        ("{{ tenant.email }}", "{{ tenant. email }}"),
    ],
)
def test_defang(name: str, shown: str) -> None:
    assert defang(name) == shown


@given(st.text(max_size=200) | st.from_regex(r"[\w .]{0,20}(https?://)?\w{1,10}\.[a-z]{2,5}/?\S{0,10}"))
def test_nothing_looks_like_a_link_and_nothing_breaks_a_line(text: str) -> None:
    shown = defang(text)
    assert not LINK.search(shown)
    assert len(shown) <= LENGTH_MAX
    assert not re.search(r"[\x00-\x1f\x7f]", shown)


@pytest.mark.parametrize(
    ("address", "envelope"),
    [
        ("erika.mustermann@example.org", "erika.mustermann@example.org"),
        (" o'neill+x@example.org ", "o'neill+x@example.org"),
        ("info@übach-palenberg.example", "info@xn--bach-palenberg-fsb.example"),
        ("jörg@example.org", None),
        ("a@b@example.org", None),
        ("a b@example.org", None),
        ("a@example.org\r\nRCPT TO:<b@example.org>", None),
        ("<a@example.org>", None),
        ("a@exa mple.org", None),
        ("a@", None),
        ("@example.org", None),
        ("a" * 65 + "@example.org", None),
        ("a@" + "b" * 64 + ".org", None),
    ],
)
def test_envelope_address(address: str, envelope: str | None) -> None:
    assert envelope_address(address) == envelope


def test_addresses_with_a_meaning() -> None:
    id_ = UUID("0195e000-0000-7000-8000-000000000001")
    assert plus_address("termine@kreis.example", "42") == "termine+42@kreis.example"
    assert mask("erika@example.org") == "e…@example.org"
    assert bounce_address("key", id_, "kreis.example") != bounce_address("other", id_, "kreis.example")
    assert fingerprint("key", "Erika@Example.org ") == fingerprint("key", "erika@example.org")
    assert fingerprint("key", "a@example.org") != fingerprint("other", "a@example.org")
