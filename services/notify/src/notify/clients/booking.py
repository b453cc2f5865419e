"""Booking's letters: all that a mail about an appointment, or an invitation to book one, says; and clerks' visits."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

import httpx
import msgspec

from contracts.booking import InvitationLetter, Letter
from contracts.calendars import Agenda, Agendas

L = TypeVar("L", Letter, InvitationLetter, Agenda, Agendas)

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
        return await self._fetch(f"appointments/{appointment_id}/letter", Letter)

    async def fetch_invitation(self, invitation_id: UUID) -> InvitationLetter:
        """Raises LetterGone, LetterUnavailable."""
        return await self._fetch(f"invitations/{invitation_id}/letter", InvitationLetter)

    async def fetch_agenda(self, clerk_id: UUID, since: datetime, until: datetime) -> Agenda:
        """Raises LetterGone, LetterUnavailable."""
        return await self._fetch(f"clerks/{clerk_id}/agenda", Agenda, since=since, until=until)

    async def fetch_digests(self, tenant: str, since: datetime, until: datetime) -> Agendas:
        """Of those who want one mail a day and have visits then. Raises LetterGone, LetterUnavailable."""
        return await self._fetch(f"tenants/{tenant}/digests", Agendas, since=since, until=until)

    async def _fetch(self, subject: str, type_: type[L], **query: datetime) -> L:
        url = f"{self._base_url}/internal/v1/{subject}"
        try:
            params = {name: instant.isoformat() for name, instant in query.items()}
            answer = await self._http.get(url, params=params, headers=self._headers)
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
