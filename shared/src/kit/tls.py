"""One TLS context for all clients of a process: to read the public roots anew costs each of them some 70 ms."""

import ssl
from functools import cache

import httpx


@cache
def public_roots() -> ssl.SSLContext:
    return httpx.create_ssl_context()
