"""What the mail of an invitation says. It tells the present: nothing once it is used, withdrawn, or past its time."""

from uuid import UUID

from booking.domain.catalogue import Catalogue
from booking.domain.errors import Invalid, NotFound
from booking.domain.invitation import Invitation, invited_plans
from booking.domain.visit_plan import RequestedItem
from booking.domain.wording import worded
from booking.store.catalogue_cache import CatalogueCache
from booking.store.invitations import find_invitation
from booking.usecases.follow_invitation import sign_invitation
from booking.usecases.write_letter import Links
from contracts.booking import InvitationLetter, LetterItem
from kit.clock import Clock
from kit.sql import Pool


async def write_invitation_letter(
    pool: Pool, catalogues: CatalogueCache, links: Links, clock: Clock, invitation_id: UUID
) -> InvitationLetter:
    """Raises NotFound."""
    async with pool.acquire() as connection:
        invitation = await find_invitation(connection, invitation_id)
    if invitation is None or invitation.email is None or invitation.state(clock()) != "open":
        raise NotFound("There is no letter to write for this invitation.")
    catalogue = await catalogues.get(invitation.tenant)
    return InvitationLetter(
        invitation_id=invitation.id,
        tenant=invitation.tenant,
        unit=_unit(catalogue, invitation),
        items=tuple(_item(catalogue, item, invitation.language) for item in invitation.requested),
        note=invitation.note,
        email=invitation.email,
        language=invitation.language,
        url=url_of(links, invitation),
        expires_at=invitation.expires_at,
    )


def url_of(links: Links, invitation: Invitation) -> str:
    return f"{links.public_url}/{invitation.tenant}/einladung/{sign_invitation(links.key, invitation.id)}"


def _unit(catalogue: Catalogue, invitation: Invitation) -> str:
    try:
        return catalogue.units[invited_plans(catalogue, invitation)[0].unit_id]
    except Invalid:
        raise NotFound("Its services are no longer offered.") from None


def _item(catalogue: Catalogue, item: RequestedItem, language: str) -> LetterItem:
    service = catalogue.services[item.service_id]
    return LetterItem(
        service=worded(language, service.name, service.name_en),
        quantity=item.quantity,
        documents=worded(language, service.documents, service.documents_en),
    )
