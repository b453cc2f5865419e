"""What a request brings to the gate: who asks, how the person is reached, and whether a challenge was solved."""

import hmac

from booking.domain.contact import Contact
from booking.domain.fairness import Gate, Proof, counts_persons, fold_person
from booking.usecases.hold_fairly import Client
from booking.web.challenge import Action, profile_of, read_answer
from booking.web.client import client_key, portal_of
from booking.web.wiring import wired
from contracts.tenant import Fairness
from kit.requests import AnyRequest

_KEY_BYTES = 16


async def client_of_hold(request: AnyRequest, tenant: str, answer: str | None) -> Client:
    """Raises Invalid, NotFound."""
    caps = (await profile_of(request, tenant)).fairness
    return Client(client_key(request), caps, _proof(request, tenant, caps, "hold", answer))


async def gate_of(request: AnyRequest, tenant: str, contact: Contact, answer: str | None) -> Gate:
    """Raises Invalid, NotFound."""
    caps = (await profile_of(request, tenant)).fairness
    return Gate(
        caps=caps,
        proof=_proof(request, tenant, caps, "confirm", answer),
        person_key=_person_key(request, caps, contact.email, contact.phone),
    )


async def gate_of_address(request: AnyRequest, tenant: str, email: str | None) -> Gate:
    """For who mends an address: nothing is proved by it. Raises NotFound."""
    caps = (await profile_of(request, tenant)).fairness
    return Gate(caps=caps, proof="exempt", person_key=_person_key(request, caps, email, None))


def _person_key(request: AnyRequest, caps: Fairness, email: str | None, phone: str | None) -> bytes | None:
    person = fold_person(email, phone) if counts_persons(caps) else None
    key = wired(request).settings.link_key.encode()
    return hmac.digest(key, b"person\0" + person.encode(), "sha256")[:_KEY_BYTES] if person else None


def _proof(request: AnyRequest, tenant: str, caps: Fairness, action: Action, answer: str | None) -> Proof:
    """What is given is checked, even where nothing is asked for: a caller learns early that it does it wrong."""
    wiring = wired(request)
    if answer:
        return read_answer(wiring.settings.link_key, tenant, action, answer, wiring.clock())
    return "missing" if action in caps.challenge and portal_of(request) is None else "exempt"
