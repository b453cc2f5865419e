"""Cookies of a session: invisible to scripts, not sent along by other sites' forms, gone with the browser's session."""

from litestar.datastructures import Cookie


def session_cookie(name: str, value: str, *, secure: bool, path: str = "/") -> Cookie:
    """`secure` belongs to https: over plain http (the demo) a browser would drop such a cookie."""
    return Cookie(key=name, value=value, path=path, httponly=True, samesite="lax", secure=secure)
