"""What a citizen says of themselves so that we can say who is responsible. Used once and forgotten. Pure."""

import re
from typing import Annotated

import msgspec

from booking.domain.errors import Invalid
from booking.domain.folding import street_key, surname_key
from booking.domain.house_numbers import parse_house_number
from booking.domain.responsibility_rules import Known, municipality_key

Fact = Annotated[str, msgspec.Meta(max_length=100)]
_POSTCODE = re.compile(r"[0-9]{5}")


class CitizenFacts(msgspec.Struct, frozen=True, kw_only=True):
    """As people write them. Null or blank: not said."""

    municipality: Fact | None = None
    """Its name, or its ARS or AGS."""
    postcode: Fact | None = None
    street: Fact | None = None
    house_number: Fact | None = None
    surname: Fact | None = None


def read_facts(facts: CitizenFacts) -> Known:
    """Raises Invalid, which names what cannot be read."""
    municipality, postcode, street, house_number, surname = (
        (getattr(facts, field) or "").strip() for field in CitizenFacts.__struct_fields__
    )
    known = Known(
        municipality=municipality_key(municipality) or None,
        postcode=postcode or None,
        street=street_key(street) or None,
        house_number=parse_house_number(house_number),
        surname=surname_key(surname) or None,
    )
    problems = [
        (field, expected)
        for field, said, is_wrong, expected in (
            ("municipality", municipality, known.municipality is None, "expected a name or a key of twelve digits"),
            ("postcode", postcode, not _POSTCODE.fullmatch(postcode), "expected five digits"),
            ("street", street, known.street is None, "expected a street's name"),
            ("house_number", house_number, known.house_number is None, "expected a number such as 12 or 12a"),
            (
                "surname",
                surname,
                not (known.surname or "0")[0].isalpha(),
                "expected in Latin letters, as in the passport",
            ),
        )
        if said and is_wrong
    ]
    if problems:
        raise Invalid("; ".join(f"{field}: {expected}" for field, expected in problems), problems)
    return known
