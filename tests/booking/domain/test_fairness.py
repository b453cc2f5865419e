import pytest

from booking.domain.contact import Contact
from booking.domain.errors import TooManyBookings, TooManyHolds
from booking.domain.fairness import NO_CAPS, Counted, check_bookings, check_holds, fold_person, holds_allowed
from contracts.tenant import Fairness


def person(email: str | None = None, phone: str | None = None) -> Contact:
    return Contact(given_name="Erika", family_name="Muster", email=email, phone=phone)


@pytest.mark.parametrize(
    ("contact", "folded"),
    [
        (person(" Erika.Muster+Amt@Example.ORG "), "erika.muster@example.org"),
        (person("erika@example.org", "02452 130"), "erika@example.org"),
        (person(phone="+49 (2452) 13-0"), "tel:02452130"),
        (person(phone="0049 2452 130"), "tel:02452130"),
        (person(phone="02452/130"), "tel:02452130"),
        (person(), None),
    ],
)
def test_a_person_is_the_same_however_it_is_written(contact: Contact, folded: str | None) -> None:
    assert fold_person(contact.email, contact.phone) == folded


def test_each_cap_refuses_by_itself_and_none_is_no_cap() -> None:
    caps = Fairness(holds_per_person=2, bookings_per_person=5, bookings_per_day=3)
    check_bookings(caps, Counted(holds=1, bookings=4, same_day=2))
    with pytest.raises(TooManyHolds) as refusal:
        check_holds(caps, Counted(2, 0, 0))
    assert refusal.value.retry_after_s == 900
    with pytest.raises(TooManyBookings, match="5 appointments here"):
        check_bookings(caps, Counted(0, 5, 0))
    with pytest.raises(TooManyBookings, match="on that day"):
        check_bookings(caps, Counted(0, 3, 3))
    check_bookings(NO_CAPS, Counted(99, 99, 99))


def test_who_brings_no_challenge_holds_one_at_a_time() -> None:
    assert (holds_allowed(NO_CAPS, "missing"), holds_allowed(NO_CAPS, "exempt")) == (1, 0)
    assert (holds_allowed(Fairness(holds_per_client=4), "missing"), holds_allowed(Fairness(), "exempt")) == (1, 12)
