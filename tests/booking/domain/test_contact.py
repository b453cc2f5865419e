import msgspec
import pytest

from booking.domain.contact import Contact, require_callable, tidy
from booking.domain.errors import Invalid

ERIKA = Contact(given_name="Erika", family_name="Mustermann", email="erika.mustermann@example.org")


def test_blanks_and_control_characters_go() -> None:
    tidied = tidy(
        Contact(
            given_name=" Erika\r\nBcc: x ", family_name="von  der Heide", email=" a@b.de ", phone="", organisation=" "
        )
    )
    assert (tidied.given_name, tidied.family_name) == ("Erika Bcc: x", "von der Heide")
    assert (tidied.email, tidied.phone, tidied.organisation) == ("a@b.de", None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("given_name", "  "),
        ("family_name", "x" * 121),
        ("email", "erika@localhost"),
        ("email", "erika@example.org\nBcc: all@example.org"),
        ("email", "two@a.de, three@b.de"),
        ("email", None),
        ("phone", "call me"),
        ("language", "xx"),
        ("organisation", "x" * 121),
    ],
)
def test_each_wrong_field_is_named(field: str, value: str | None) -> None:
    with pytest.raises(Invalid) as refused:
        tidy(msgspec.structs.replace(ERIKA, **{field: value}))
    assert [name for name, _ in refused.value.errors] == [f"contact.{field}"]


def test_a_phone_number_is_enough() -> None:
    assert tidy(Contact(given_name="E", family_name="M", phone="02452 130")).email is None


def test_who_is_called_needs_a_number() -> None:
    require_callable(ERIKA, "on_site")
    require_callable(ERIKA, "video")
    require_callable(msgspec.structs.replace(ERIKA, phone="02452 130"), "phone")
    with pytest.raises(Invalid) as refused:
        require_callable(ERIKA, "phone")
    assert [name for name, _ in refused.value.errors] == ["contact.phone"]
