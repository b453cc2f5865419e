"""The API for tests and the portal, and the pages for people."""

from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery

from demo.mailbox.answering import Answer, can_answer, write_answer
from demo.mailbox.reading import read
from demo.mailbox.store import Mailbox, Summary
from kit.requests import AnyRequest
from kit.web.security import content_security_policy
from kit.web.site import Site

SHOWN_MAX = 200
ZONE = "Europe/Berlin"

PAGE_POLICY = content_security_policy() + "; frame-src 'self'"
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; form-action 'none';"
    " frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""A mail is somebody else's HTML: it may look as it likes, and do nothing but open links in a new window."""

_STYLES = (files("demo.mailbox") / "static/mailbox.css").read_text("utf-8")


class Place(msgspec.Struct, frozen=True):
    """What the handlers work with."""

    mailbox: Mailbox
    site: Site


def of(request: AnyRequest) -> Place:
    place: Place = request.app.state.place
    return place


def message_of(request: AnyRequest, id_: UUID) -> bytes:
    """Raises NotFoundException."""
    raw = of(request).mailbox.find(id_)
    if raw is None:
        raise NotFoundException(detail="There is no such message.")
    return raw


class MessageList(msgspec.Struct, frozen=True):
    items: list[Summary]


@get("/api/messages")
async def list_messages(request: AnyRequest) -> MessageList:
    return MessageList(of(request).mailbox.list())


@get("/api/messages/{file:str}")
async def download(request: AnyRequest, file: FromPath[str]) -> Response[bytes]:
    id_, _, suffix = file.rpartition(".")
    try:
        raw = message_of(request, UUID(id_)) if suffix == "eml" else None
    except ValueError:
        raw = None
    if raw is None:
        raise NotFoundException(detail="There is no such message; its address ends in .eml.")
    return Response(raw, media_type="message/rfc822")


@delete("/api/messages")
async def clear(request: AnyRequest) -> None:
    of(request).mailbox.clear()


@get("/", include_in_schema=False)
async def show_list(request: AnyRequest, to: FromQuery[str] = "") -> Response[str]:
    place = of(request)
    all_ = place.mailbox.list()
    recipients = sorted({item.to for item in all_})
    return place.site.page(
        request,
        None,
        "list.html",
        messages=[item for item in all_ if to in ("", item.to)][:SHOWN_MAX],
        options=[("", place.site.language(request)("mailbox.everybody")), *((name, name) for name in recipients)],
        to=to,
        zone=ZONE,
    )


@get("/messages/{id_:uuid}", include_in_schema=False)
async def show_message(request: AnyRequest, id_: FromPath[UUID]) -> Response[str]:
    view = read(message_of(request, id_))
    asks = can_answer(view)
    page = of(request).site.page(request, None, "message.html", id=id_, mail=view, zone=ZONE, asks=asks)
    page.headers["Content-Security-Policy"] = PAGE_POLICY
    return page


@get("/messages/{id_:uuid}/html", include_in_schema=False)
async def show_html(request: AnyRequest, id_: FromPath[UUID]) -> Response[str]:
    html = read(message_of(request, id_)).html
    if html is None:
        raise NotFoundException(detail="This message has no HTML.")
    headers = {"Content-Security-Policy": MAIL_POLICY, "X-Frame-Options": "SAMEORIGIN"}
    shown = html.replace("<head>", '<head><base target="_blank">', 1)
    return Response(shown, media_type="text/html", headers=headers)


@post("/messages/{id_:uuid}/answer", include_in_schema=False)
async def answer(request: AnyRequest, id_: FromPath[UUID]) -> Response[Any]:
    """As the clerk's calendar program answers: the mail lies in the offices' own mailbox then."""
    mail = read(message_of(request, id_))
    if mail.calendar is None or not can_answer(mail):
        raise NotFoundException(detail="This message asks for no answer.")
    chosen: Answer = "DECLINED" if (await request.form()).get("answer") == "DECLINED" else "ACCEPTED"
    of(request).mailbox.add(write_answer(mail.calendar, chosen, datetime.now(UTC)))
    return of(request).site.redirect(request, "/")


@get("/static/mailbox.css", include_in_schema=False)
async def styles() -> Response[str]:
    return Response(_STYLES, media_type="text/css", headers={"Cache-Control": "no-cache"})
