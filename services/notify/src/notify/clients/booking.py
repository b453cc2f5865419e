"""Booking's letters: all that a mail about an appointment, or an invitation to book one, says."""

from typing import TypeVar
from uuid import UUID

import httpx
import msgspec

from contracts.booking import InvitationLetter, Letter

L = TypeVar("L", Letter, InvitationLetter)

PROBLEM = "application/problem+json"
"""A 404 of another shape does not come from booking: a wrong address must not look like deleted data."""


class LetterGone(Exception):
    """404: the person's data is deleted, or the invitation used or withdrawn; nobody is to be told any more."""


class LetterUnavailable(Exception):
    """Booking is away, refuses the service token, or answers what cannot be read. Ask again later."""


class BookingClient:
    def __init__(self, http: httpx.AsyncClient, base_url: str, service_token: str) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {service_token}", "Accept": "application/json"}

    async def fetch_letter(self, appointment_id: UUID) -> Letter:
        """Raises LetterGone, LetterUnavailable."""
        return await self._fetch(f"appointments/{appointment_id}", Letter)

    async def fetch_invitation(self, invitation_id: UUID) -> InvitationLetter:
        """Raises LetterGone, LetterUnavailable."""
        return await self._fetch(f"invitations/{invitation_id}", InvitationLetter)

    async def _fetch(self, subject: str, type_: type[L]) -> L:
        try:
            answer = await self._http.get(f"{self._base_url}/internal/v1/{subject}/letter", headers=self._headers)
        except httpx.HTTPError as error:
            raise LetterUnavailable(type(error).__name__) from error
        if answer.status_code == 404 and answer.headers.get("content-type", "").startswith(PROBLEM):
            raise LetterGone
        if answer.status_code != 200:
            raise LetterUnavailable(f"http_{answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=type_)
        except msgspec.MsgspecError as error:
            raise LetterUnavailable("unreadable") from error
