"""How a tenant's mails look and what they say: letterhead, and own words where it has some."""

import logging
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from notify.domain.placeholders import TemplateKind
from notify.domain.wording import Source, Wording, find_faults, find_faults_of_source
from notify.mail.letterhead import Letterhead
from notify.mail.markdown import Unreadable, read_wording

log = logging.getLogger(__name__)


class Style(msgspec.Struct, frozen=True):
    letterhead: Letterhead = Letterhead()
    sources: Mapping[tuple[TemplateKind, str], Source] = {}
    """Own wordings by kind and language."""

    def wording(self, template: TemplateKind, language: str) -> Wording | None:
        """None: the house's own words are to be used."""
        source = self.sources.get((template, language))
        return _usable(template, source) if source else None


PLAIN = Style()


@lru_cache(maxsize=1000)
def _usable(template: TemplateKind, source: Source) -> Wording | None:
    """What was saved under other rules than today's may not fit any more; a mail with the house's words still goes."""
    faults = find_faults_in(template, source)
    if faults:
        log.error("own wording does not fit", extra={"template": template, "faults": faults})
        return None
    return read_wording(source)


def find_faults_in(template: TemplateKind, source: Source) -> list[tuple[str, str]]:
    """Fields, and what is expected; none: it may be used."""
    faults = find_faults_of_source(source)
    if faults:
        return faults
    try:
        return find_faults(template, read_wording(source))
    except Unreadable as error:
        return [("body", str(error))]
