"""What all services know of a tenant: its entry in the tenants' file (`tenants.toml`), which each loads for itself.

Secrets (provider keys, SMTP passwords) are never part of it: they are each service's own settings.
"""

from typing import Annotated, Final, Literal

import msgspec

_LANDS: Final = ("SH", "HH", "NI", "HB", "NW", "HE", "RP", "BW", "BY", "SL", "BE", "BB", "MV", "SN", "ST", "TH")
"""In the order of the first two digits of the Amtlicher Regionalschlüssel, from 01 on; as ISO 3166-2 has them."""


def land_of(ars: str) -> str | None:
    """The state of a municipality; none for a key that names no state, and then what holds in all Germany holds."""
    number = int(ars[:2]) if ars[:2].isascii() and ars[:2].isdigit() else 0
    return _LANDS[number - 1] if 1 <= number <= len(_LANDS) else None


class Colours(msgspec.Struct, frozen=True):
    """CSS hex colours of a tenant's design. `on_primary` is text on `primary`; a test checks their contrast."""

    primary: str
    on_primary: str
    accent: str


class Address(msgspec.Struct, frozen=True):
    street: str
    postcode: str
    city: str


Cap = Annotated[int, msgspec.Meta(ge=0)]
VideoUrl = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]+)?/[^\s{}\\]*\{room\}[^\s{}\\]*$(?!\n)",
        max_length=500,
        description="an address such as https://video.example/{room}: https, no user, {room} once and behind the host",
    ),
]


class Fairness(msgspec.Struct, frozen=True, kw_only=True):
    """That nobody hoards appointments or trades in them. Each cap is a number; 0: there is none."""

    challenge: tuple[Literal["hold", "confirm"], ...] = ()
    """Before what a challenge (ALTCHA) stands. Who brings none confirms a mail address, or holds one at a time."""
    holds_per_client: Cap = 12
    """Reservations not yet confirmed, of one address in the network: a family's, a library's."""
    holds_per_person: Cap = 4
    """The same, of one mail address; or of one telephone number where there is none."""
    bookings_per_person: Cap = 12
    """Visits to come."""
    bookings_per_day: Cap = 3
    """Of these, for the same service on the same day."""


class TenantProfile(msgspec.Struct, frozen=True, kw_only=True):
    """A municipality or the county. `ars` is the twelve-digit Amtlicher Regionalschlüssel."""

    slug: str
    name: str
    """As people write it: "Kreis Heinsberg", "Stadt Erkelenz"."""
    kind: Literal["Kreis", "Stadt", "Gemeinde"]
    ars: str
    hosts: tuple[str, ...] = ()
    """Own host names under which the tenant's pages answer, without a port."""
    colours: Colours
    address: Address
    email: str
    """The office's mailbox: Reply-To of mails, contact in the Impressum."""
    phone: str
    represented_by: str
    """Who represents the body in law (Impressum, § 5 DDG): "den Landrat"."""
    logo: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,80}\.png$(?!\n)")] | None = None
    """A PNG file beside the tenants' file, at most 32 KiB: it stands in the letterhead of mails."""
    time_zone: str = "Europe/Berlin"
    retention_days: int = 7
    """Days after a visit until personal data of it is deleted."""
    mail_activation: bool = False
    """A guest's mail address is proved by a link before the appointment counts as booked."""
    fairness: Fairness = Fairness()
    rebook_days: Annotated[int, msgspec.Meta(ge=1, le=90)] = 7
    """Days for which another time may be chosen after the office could not keep a visit."""
    earlier_offer_min: Annotated[int, msgspec.Meta(ge=10, le=1440)] = 60
    """Minutes for which a freed slot is held for whom it is offered to (waitlist)."""
    freed_after_min: Annotated[int, msgspec.Meta(ge=0, le=60)] = 0
    """A cancelled slot is free for the public at a random moment within so many minutes, against bots that trade slots;
    0: at once."""

    video_url_template: VideoUrl | None = None
    """Where visits by video take place; `{room}` becomes a name that each visit has to itself. Null: there are none."""
    clerk_digest: Literal["morning", "evening"] = "morning"
    """When the day's list goes to clerks who want one mail a day: at 07:00, or at 18:00 of the evening before."""
    clerk_language: Literal["de", "en"] = "de"
    """In which clerks are written to: invitations, digests, feeds, and the page on which they say that they cannot."""
    clerk_calendars_name_citizens: bool = False
    """Whether citizens' names stand in clerks' invitations, digests and feeds. A calendar outlives our retention."""
    publishes_clerk_names: bool = False
    """Whether a search finds clerks by name; by their public function it finds them in any case."""


class TenantsFile(msgspec.Struct, frozen=True):
    tenants: tuple[TenantProfile, ...]
