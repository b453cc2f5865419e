"""A mail as it would be, about nobody: to look at words before they are saved."""

from kit.clock import Clock
from kit.sql import Pool
from notify.domain.errors import Invalid
from notify.domain.placeholders import TemplateKind
from notify.domain.wording import Source
from notify.language import language_of
from notify.mail.rendering import Rendered, render
from notify.mail.samples import sample_occasion, sample_secrets
from notify.mail.style import Style, find_faults_in
from notify.store.tenants import get_tenant
from notify.usecases.find_style import find_style

PREVIEW_LENGTH = 140
"""So much of a mail's text do programs show beside its subject, on a locked screen as well."""
TOO_EARLY = (
    f"the first {PREVIEW_LENGTH} characters, which programs show beside the subject, would tell what the visit is"
    " about: begin with other words"
)


async def preview_template(
    pool: Pool, clock: Clock, own_pages_url: str, tenant: str, kind: TemplateKind, language: str, source: Source | None
) -> Rendered:
    """With these words, or with those that hold now. Raises Invalid, RowMissing."""
    async with pool.acquire() as connection:
        profile = await get_tenant(connection, tenant)
        style = await find_style(connection, own_pages_url, tenant)
    if source:
        refuse_faults(find_faults_in(kind, source))
        style = Style(style.letterhead, {(kind, language): source})
    t = language_of(language)
    rendered = render(sample_occasion(kind, profile, t, clock()), t, style)
    preview = rendered.subject + rendered.text[:PREVIEW_LENGTH]
    if source and any(secret in preview for secret in sample_secrets(t)):
        refuse_faults([("body", TOO_EARLY)])
    return rendered


def refuse_faults(faults: list[tuple[str, str]]) -> None:
    """Raises Invalid."""
    if faults:
        raise Invalid("; ".join(f"{field}: {message}" for field, message in faults), faults)
