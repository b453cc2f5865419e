from kit.sql import Connection
from notify.domain.wording import Source
from notify.mail.letterhead import Letterhead
from notify.mail.style import Style
from notify.store.styles import get_style


async def find_style(connection: Connection, own_pages_url: str, tenant: str) -> Style:
    """Letterhead and own words, as they hold now. Raises RowMissing."""
    row = await get_style(connection, tenant)
    sources = {(own.kind, own.language): Source(own.subject, own.body) for own in row.wordings}
    return Style(Letterhead(own_pages_url, row.logo), sources)
