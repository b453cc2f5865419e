"""The person of an appointment: reachable by mail or by phone, at least."""

import re

import msgspec

from booking.domain.catalogue import Channel
from booking.domain.errors import Invalid

LANGUAGES = ("de", "en")
NAME_MAX = 120
_MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{4,29}")


class Contact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    given_name: str
    family_name: str
    organisation: str | None = None
    email: str | None = None
    phone: str | None = None
    language: str = "de"
    """ISO 639-1; mails come in it."""


def tidy(contact: Contact) -> Contact:
    """Without blanks around, empty optional fields as null. Raises Invalid that names every wrong field."""
    tidied = Contact(
        given_name=_squeeze(contact.given_name),
        family_name=_squeeze(contact.family_name),
        organisation=_squeeze(contact.organisation or "") or None,
        email=(contact.email or "").strip() or None,
        phone=_squeeze(contact.phone or "") or None,
        language=contact.language,
    )
    errors = [(f"contact.{field}", message) for field, message in _errors(tidied)]
    if errors:
        raise Invalid("; ".join(f"{field}: {message}" for field, message in errors), errors)
    return tidied


def _errors(contact: Contact) -> list[tuple[str, str]]:
    names = {"given_name": contact.given_name, "family_name": contact.family_name}
    errors = [
        (field, f"expected 1 to {NAME_MAX} characters")
        for field, name in names.items()
        if not 1 <= len(name) <= NAME_MAX
    ]
    if len(contact.organisation or "") > NAME_MAX:
        errors.append(("organisation", f"expected at most {NAME_MAX} characters"))
    if contact.email is None and contact.phone is None:
        errors.append(("email", "expected a mail address or a phone number"))
    if contact.email is not None and not is_mail(contact.email):
        errors.append(("email", "expected an address such as erika.mustermann@example.org"))
    if contact.phone is not None and not _PHONE.fullmatch(contact.phone):
        errors.append(("phone", "expected a number such as 02452 130"))
    if contact.language not in LANGUAGES:
        errors.append(("language", f"expected one of {', '.join(LANGUAGES)}"))
    return errors


def require_callable(contact: Contact, channel: Channel) -> None:
    """Who is called at the time of the visit needs a number. Raises Invalid."""
    if channel == "phone" and contact.phone is None:
        raise Invalid.field("contact.phone", "expected the number that is called: the visit is by phone")


def is_mail(text: str) -> bool:
    return len(text) <= 254 and _MAIL.fullmatch(text) is not None


def _squeeze(text: str) -> str:
    """Runs of blanks as one; control characters, which could break a mail's header, as blanks."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
