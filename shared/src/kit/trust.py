"""Whom we trust over TLS."""

import ssl
from functools import cache

import httpx


@cache
def public_authorities() -> ssl.SSLContext:
    """Those of httpx, for its clients to share: each would read all hundred and fifty anew, some 30 ms of work."""
    return httpx.create_ssl_context()
