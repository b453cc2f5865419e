"""The mailbox's composition root: the mail servers run inside the web process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar, Router

from demo.mailbox import pages
from demo.mailbox.imap import Account, Folders, imap_server
from demo.mailbox.settings import Settings
from demo.mailbox.smtp import mail_server
from demo.mailbox.store import Mailbox
from kit.log import set_up_logging
from kit.observe import live
from kit.serve import die_with_parent
from kit.settings import read_settings
from kit.web.brand import Brand, Brands
from kit.web.security import same_origin
from kit.web.site import Site


class MailboxError(Exception):
    """Nothing of the mailbox's own goes wrong in a way that has a name; the pages use Litestar's errors."""


def create() -> Litestar:
    settings = read_settings(Settings)
    set_up_logging("mailbox", settings.log_level)
    die_with_parent()
    return build(settings)


def build(settings: Settings) -> Litestar:
    async def load() -> list[Brand]:
        return []

    secure = settings.public_url.startswith("https:")
    site = Site("demo.mailbox", brands=Brands(load), secure=secure, demo_mode=True)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        mailbox = Mailbox(settings.mailbox_data)
        domain = settings.service_domain
        account = Account(settings.imap_user, settings.imap_password, domain)
        async with (
            mail_server(mailbox, settings.host, settings.smtp_port) as app.state.smtp_port,
            imap_server(Folders(mailbox, domain), account, settings.host, settings.imap_port) as app.state.imap_port,
        ):
            app.state.place = pages.Place(mailbox, site)
            yield

    shown = [
        pages.list_messages,
        pages.download,
        pages.clear,
        pages.show_list,
        pages.show_message,
        pages.show_html,
        pages.answer,
    ]
    app = Litestar(
        [Router("/", route_handlers=shown, guards=[same_origin]), pages.styles, live, *site.handlers],
        lifespan=[lifespan],
        exception_handlers=site.exception_handlers(MailboxError),
        openapi_config=None,
        logging_config=None,
    )
    site.install(app)
    return app
