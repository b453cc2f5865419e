"""What the end of a dispute books, once: the money that the payer got back, and the provider's fee for it.

The provider's account may have told of it before (Stripe takes the money as the dispute is opened), or tells of it
later: what stands in the ledger already is never booked again, whoever wrote it.
"""

import msgspec

from payment.domain.dispute import Dispute


class Booked(msgspec.Struct, frozen=True, kw_only=True):
    """What the ledger has so far. Money that left is negative."""

    own_cents: int
    """Chargebacks that this very dispute booked."""
    own_fee_cents: int
    capture_cents: int
    """All chargebacks of the capture, also those that the provider's account told."""
    others_lost_cents: int
    """What the capture's other lost disputes took; positive."""
    is_fee_told: bool
    """The provider's account told a fee of its own for this capture's disputes."""


class Due(msgspec.Struct, frozen=True):
    """What is to be booked now; 0: nothing."""

    chargeback_cents: int = 0
    fee_cents: int = 0


def due_entries(dispute: Dispute, booked: Booked) -> Due:
    """A lost dispute books what is missing, a won one takes back what it had booked, an open one books nothing."""
    match dispute.state:
        case "lost":
            return Due(_missing(dispute, booked), _missing_fee(dispute, booked))
        case "won":
            return Due(-booked.own_cents)
        case "opened":
            return Due()


def _missing(dispute: Dispute, booked: Booked) -> int:
    """Never more than this dispute took: what the others' lack is theirs to book."""
    missing_cents = -(dispute.lost_cents + booked.others_lost_cents) - booked.capture_cents
    return min(0, max(missing_cents, -dispute.lost_cents))


def _missing_fee(dispute: Dispute, booked: Booked) -> int:
    return 0 if booked.is_fee_told else min(0, -dispute.fee_cents - booked.own_fee_cents)
