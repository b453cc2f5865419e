"""What a tenant's own wording of a mail may say by placeholders, and what it has to say.

Heading, buttons, deadlines, letterhead and footer are no part of a wording: nobody can drop them.
"""

from typing import Literal, NamedTuple, TypeGuard, get_args

from contracts.booking import AppointmentState
from notify.domain.kinds import Kind

TemplateKind = Literal[
    "activation",
    "confirmation",
    "changed",
    "cancelled",
    "cancelled_by_office",
    "rebooking",
    "declined",
    "earlier",
    "reminder",
    "unfinished",
    "checking",
    "lapsed",
    "receipt",
    "refund",
    "refund_delayed",
    "link",
    "invitation",
]
"""The citizen's mails that have words of their own. A cancellation has two, since either side may cancel."""

TEMPLATE_KINDS: tuple[TemplateKind, ...] = get_args(TemplateKind)

Form = Literal["words", "link", "block"]
"""`words` stand within a sentence, a `link` is where a link leads, a `block` is a part of the mail in its own line."""


class Placeholder(NamedTuple):
    form: Form
    in_subject: bool = False
    """Nothing in a subject says who comes, or what for: locked screens show it."""
    says: frozenset[str] = frozenset()
    """A block that says what these say."""


_WHEN = frozenset({"start", "number"})

PLACEHOLDERS: dict[str, Placeholder] = {
    "number": Placeholder("words", in_subject=True),
    "start": Placeholder("words", in_subject=True),
    "day": Placeholder("words", in_subject=True),
    "time": Placeholder("words", in_subject=True),
    "office": Placeholder("words", in_subject=True),
    "earlier_start": Placeholder("words", in_subject=True),
    "phone": Placeholder("words"),
    "name": Placeholder("words"),
    "unit": Placeholder("words"),
    "rebook_until": Placeholder("words"),
    "held_until": Placeholder("words"),
    "valid_until": Placeholder("words"),
    "manage_url": Placeholder("link"),
    "activation_url": Placeholder("link"),
    "continue_url": Placeholder("link"),
    "booking_url": Placeholder("link"),
    "slot": Placeholder("block", says=_WHEN),
    "earlier_slot": Placeholder("block"),
    "visit": Placeholder("block", says=_WHEN),
    "services": Placeholder("block"),
    "fee": Placeholder("block"),
    "documents": Placeholder("block"),
    "check_in": Placeholder("block"),
    "office_note": Placeholder("block"),
    "money": Placeholder("block"),
    "payment": Placeholder("block", says=frozenset({"number"})),
    "receipt": Placeholder("block", says=frozenset({"number"})),
    "refund": Placeholder("block", says=frozenset({"number"})),
    "transfer": Placeholder("block", says=frozenset({"number"})),
}


class Vocabulary(NamedTuple):
    """The placeholders of one kind of mail."""

    required: frozenset[str]
    optional: frozenset[str]

    @property
    def known(self) -> frozenset[str]:
        return self.required | self.optional


_OFFICE = frozenset({"office", "phone"})
_SLOT = _OFFICE | {"number", "start", "day", "time", "slot"}
_PERSONAL = _SLOT | {"name", "manage_url"}


def _vocabulary(required: str, optional: frozenset[str], more: str = "") -> Vocabulary:
    needed = frozenset(required.split())
    return Vocabulary(needed, (optional | frozenset(more.split())) - needed)


VOCABULARIES: dict[TemplateKind, Vocabulary] = {
    "activation": _vocabulary("start", _SLOT, "activation_url"),  # no name: nobody has proved yet whose address it is
    "confirmation": _vocabulary("visit fee documents", _PERSONAL, "check_in"),
    "changed": _vocabulary("visit fee documents", _PERSONAL, "check_in"),
    "cancelled": _vocabulary("start number", _PERSONAL, "money"),
    "cancelled_by_office": _vocabulary("start number office_note money", _PERSONAL),
    "rebooking": _vocabulary("start number office_note", _PERSONAL, "rebook_until"),
    "declined": _vocabulary("start number money", _PERSONAL),
    "earlier": _vocabulary("earlier_slot start", _PERSONAL, "earlier_start held_until"),
    "reminder": _vocabulary("visit documents", _PERSONAL, "fee check_in"),
    "unfinished": _vocabulary("start number", _PERSONAL, "fee continue_url"),
    "checking": _vocabulary("payment", _PERSONAL),
    "lapsed": _vocabulary("start", _PERSONAL - {"manage_url"}),
    "receipt": _vocabulary("receipt", _PERSONAL),
    "refund": _vocabulary("refund", _PERSONAL),
    "refund_delayed": _vocabulary("transfer", _PERSONAL),
    "link": _vocabulary("start", _PERSONAL),
    "invitation": _vocabulary("services office_note documents", _OFFICE, "unit valid_until booking_url"),
}


def is_template_kind(name: str) -> TypeGuard[TemplateKind]:
    return name in VOCABULARIES


def template_of(kind: Kind, state: AppointmentState | None) -> TemplateKind | None:
    """None: a clerk's mail, whose words are the house's own."""
    if kind == "cancelled" and state == "cancelled_by_office":
        return "cancelled_by_office"
    return kind if is_template_kind(kind) else None
