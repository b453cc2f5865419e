"""Mails written without a database: each kind, of a letter that has all that any of them needs."""

from datetime import timedelta
from typing import get_args

import msgspec
import pytest
from tests.notify.agendas import a_visit, an_agenda
from tests.notify.conftest import OFFICE
from tests.notify.letters import EARLIER, INVITATION, NOW, TASK, TENANT, a_letter, a_payment

from contracts.booking import InvitationLetter, Letter
from contracts.money import Money
from contracts.tenant import TenantProfile
from notify.domain.digest import DigestOccasion, digest_of
from notify.domain.inviting import InvitationOccasion, invite
from notify.domain.kinds import RULES, Kind
from notify.domain.telling import Message, Occasion
from notify.mail.occasions import AnyOccasion
from notify.usecases.write_mail import write_mail

KINDS: tuple[Kind, ...] = get_args(Kind)
both_languages = pytest.mark.parametrize("language", ["de", "en"])
every_kind = pytest.mark.parametrize("kind", KINDS)

CLERKS = {"invite", "update", "withdrawal"}
FULL = a_letter(
    payment=a_payment(refunded=Money(9200)),
    expires_at=NOW,
    activation_url="https://termine.heinsberg.example/heinsberg/bestaetigen/geheim.marke",
    office_note="Frau Özdemir ist erkrankt.",
    rebook_until=NOW + timedelta(days=7),
    earlier=EARLIER,
    reassign_task=TASK,
)


def written(kind: Kind, letter: Letter = FULL, language: str = "de", tenant: TenantProfile = TENANT) -> bytes:
    return _write(occasion_of(kind, letter, language, tenant))


def written_invitation(letter: InvitationLetter = INVITATION) -> bytes:
    return _write(InvitationOccasion(invite(letter), letter, TENANT))


def _write(occasion: AnyOccasion) -> bytes:
    data = write_mail(OFFICE, occasion, NOW, NOW).message
    assert data is not None
    return data


def _digest(letter: Letter, language: str, tenant: TenantProfile) -> DigestOccasion:
    occasion = digest_of(an_agenda(a_visit(letter), channel="digest"), tenant, letter.start.date(), ())
    assert occasion is not None
    message = msgspec.structs.replace(occasion.message, language=language)
    return msgspec.structs.replace(occasion, message=message)


def occasion_of(kind: Kind, letter: Letter = FULL, language: str = "de", tenant: TenantProfile = TENANT) -> AnyOccasion:
    if kind == "invitation":
        invitation = msgspec.structs.replace(INVITATION, language=language, note=letter.office_note)
        return InvitationOccasion(invite(invitation), invitation, tenant)
    if kind == "digest":
        return _digest(letter, language, tenant)
    clerk = letter.clerks[0] if kind in CLERKS else None
    message = Message(
        audience="clerk" if clerk or kind == "reassign" else "citizen",
        kind=kind,
        email=TASK.email if kind == "reassign" else clerk.email if clerk else letter.citizen.email or "",
        language=language,
        subject_key="x",
        method=RULES[kind].method,
        calendar=clerk.calendar if clerk else letter.citizen.calendar,
        clerk=clerk,
    )
    return Occasion(message, letter, tenant, letter.start - timedelta(days=3) if kind == "changed" else None)
