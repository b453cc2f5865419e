"""Booking's letters: all that a mail about an appointment, or an invitation to book one, says; and clerks' visits."""

import asyncio
import logging
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

import httpx
import msgspec

from contracts.booking import InvitationLetter, Letter, Letters
from contracts.calendars import Agenda, Agendas

L = TypeVar("L", Letter, Letters, InvitationLetter, Agenda, Agendas)

log = logging.getLogger(__name__)

PROBLEM = "application/problem+json"
"""A 404 of another shape does not come from booking: a wrong address must not look like deleted data."""


class LetterGone(Exception):
    """404: the person's data is deleted, or the invitation used or withdrawn; nobody is to be told any more."""


class LetterUnavailable(Exception):
    """Booking is away, refuses the service token, or answers what cannot be read. Ask again later."""


class BookingAway(LetterUnavailable):
    """It did not answer at all: to ask once more now would wait as long again."""


class BookingClient:
    def __init__(self, http: httpx.AsyncClient, base_url: str, service_token: str) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {service_token}", "Accept": "application/json"}

    async def fetch_letter(self, appointment_id: UUID) -> Letter:
        """Raises LetterGone, LetterUnavailable."""
        return await self._fetch(f"appointments/{appointment_id}/letter", Letter)

    async def fetch_letters(self, appointment_ids: Sequence[UUID]) -> list[Letter | LetterGone | LetterUnavailable]:
        """In one call. Where the answer brings none, each is asked for alone: one may have spoiled it for all."""
        if len(appointment_ids) > 1:
            try:
                letters = await self._fetch("letters", Letters, id=[str(id_) for id_ in appointment_ids])
            except BookingAway as error:
                return [error] * len(appointment_ids)
            except (LetterGone, LetterUnavailable) as error:
                log.warning("letters not had at once", extra={"cause": repr(error)})
            else:
                return _in_order(letters, appointment_ids)
        return await asyncio.gather(*map(self._fetch_alone, appointment_ids))

    async def _fetch_alone(self, appointment_id: UUID) -> Letter | LetterGone | LetterUnavailable:
        try:
            return await self.fetch_letter(appointment_id)
        except (LetterGone, LetterUnavailable) as error:
            return error

    async def fetch_invitation(self, invitation_id: UUID) -> InvitationLetter:
        """Raises LetterGone, LetterUnavailable."""
        return await self._fetch(f"invitations/{invitation_id}/letter", InvitationLetter)

    async def fetch_agenda(self, clerk_id: UUID, since: datetime, until: datetime) -> Agenda:
        """Raises LetterGone, LetterUnavailable."""
        return await self._fetch(f"clerks/{clerk_id}/agenda", Agenda, since=since.isoformat(), until=until.isoformat())

    async def fetch_digests(self, tenant: str, since: datetime, until: datetime) -> Agendas:
        """Of those who want one mail a day and have visits then. Raises LetterGone, LetterUnavailable."""
        return await self._fetch(f"tenants/{tenant}/digests", Agendas, since=since.isoformat(), until=until.isoformat())

    async def _fetch(self, subject: str, type_: type[L], **query: str | list[str]) -> L:
        url = f"{self._base_url}/internal/v1/{subject}"
        try:
            answer = await self._http.get(url, params=query, headers=self._headers)
        except httpx.HTTPError as error:
            raise BookingAway(type(error).__name__) from error
        if answer.status_code == 404 and answer.headers.get("content-type", "").startswith(PROBLEM):
            raise LetterGone
        if answer.status_code != 200:
            raise LetterUnavailable(f"http_{answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=type_)
        except msgspec.MsgspecError as error:
            raise LetterUnavailable("unreadable") from error


def _in_order(letters: Letters, appointment_ids: Sequence[UUID]) -> list[Letter | LetterGone | LetterUnavailable]:
    found = {letter.appointment_id: letter for letter in letters.items}
    return [
        found.get(id_) or (LetterGone() if id_ in letters.gone else LetterUnavailable("missing"))
        for id_ in appointment_ids
    ]
