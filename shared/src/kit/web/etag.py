"""Entity tags (RFC 9110, 8.8.3): whether a client has these bytes already."""

import re

_TAG = re.compile(r'(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")')


def is_known(etag: str, if_none_match: str | None) -> bool:
    """`etag` with its quotes. Compared weakly, as If-None-Match is (13.1.2): a proxy may have put W/ before it."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in _TAG.findall(if_none_match)
