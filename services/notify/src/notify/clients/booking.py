"""Booking's letter: all that a mail about an appointment says."""

from uuid import UUID

import httpx
import msgspec

from contracts.booking import Letter

PROBLEM = "application/problem+json"
"""A 404 of another shape does not come from booking: a wrong address must not look like deleted data."""


class LetterGone(Exception):
    """404: the person's data is deleted; nobody is to be told any more."""


class LetterUnavailable(Exception):
    """Booking is away, refuses the service token, or answers what cannot be read. Ask again later."""


class BookingClient:
    def __init__(self, http: httpx.AsyncClient, base_url: str, service_token: str) -> None:
        self._http = http
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {service_token}", "Accept": "application/json"}

    async def fetch_letter(self, appointment_id: UUID) -> Letter:
        """Raises LetterGone, LetterUnavailable."""
        url = f"{self._base_url}/internal/v1/appointments/{appointment_id}/letter"
        try:
            answer = await self._http.get(url, headers=self._headers)
        except httpx.HTTPError as error:
            raise LetterUnavailable(type(error).__name__) from error
        if answer.status_code == 404 and answer.headers.get("content-type", "").startswith(PROBLEM):
            raise LetterGone
        if answer.status_code != 200:
            raise LetterUnavailable(f"http_{answer.status_code}")
        try:
            return msgspec.json.decode(answer.content, type=Letter)
        except msgspec.MsgspecError as error:
            raise LetterUnavailable("unreadable") from error
