"""`/feeds/{token}.ics`: a clerk's visits, for calendar programs. Only the token is asked for; it is never logged."""

import hashlib
import time
from typing import Annotated

from litestar import Response, get
from litestar.params import PathParameter

from kit.ical import MEDIA_TYPE
from kit.requests import AnyRequest
from kit.web.client import client_of
from kit.web.etag import is_known
from notify.domain.errors import NotFound, TooMany
from notify.usecases.read_feed import Reading, read_feed
from notify.web.wiring import Wiring, wired

_SUFFIX = ".ics"
_CACHE = {"Cache-Control": "private, no-cache"}


@get("/feeds/{name:str}", summary="A clerk's visits as a calendar to subscribe to", media_type=MEDIA_TYPE)
async def get_feed(
    request: AnyRequest,
    name: Annotated[str, PathParameter(description="The token that booking gave, and `.ics`", max_length=200)],
) -> Response[bytes | None]:
    """304 where the asker has it. The past seven days and all visits to come; refreshed by the hour."""
    wiring = wired(request)
    _require_room(request, wiring)
    token, suffix, rest = name.partition(_SUFFIX)
    if not suffix or rest:
        raise NotFound("There is no such feed.")
    reading = Reading(wiring.pool, wiring.booking, wiring.clock, wiring.feeds)
    token_hash = hashlib.sha256(token.encode()).hexdigest()
    known = request.headers.get("if-none-match")
    answer = await read_feed(reading, token_hash, lambda etag: is_known(etag, known))
    headers = _CACHE | {"ETag": answer.etag}
    if answer.data is None:
        return Response(None, status_code=304, headers=headers)
    return Response(answer.data, media_type=MEDIA_TYPE, headers=headers | {"Referrer-Policy": "no-referrer"})


def _require_room(request: AnyRequest, wiring: Wiring) -> None:
    if wiring.feed_rates is None:
        return
    wait_s = wiring.feed_rates.take(client_of(request, wiring.settings.trusted_proxies), time.monotonic())
    if wait_s:
        raise TooMany("Too many requests from your address. Try again in a moment.", retry_after_s=wait_s)
