"""The address of a clerk's feed. Its token is made of an id under the server's key; nothing secret is stored."""

import hashlib
from uuid import UUID

import msgspec

from kit.tokens import sign_id

PURPOSE = "feed"


class FeedLinks(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    """Base of notify's addresses, as calendar programs reach it."""
    key: str

    def address(self, feed_id: UUID | None) -> str | None:
        return f"{self.url}/feeds/{self._token(feed_id)}.ics" if feed_id else None

    def hash(self, feed_id: UUID | None) -> str | None:
        """By which notify knows the token again."""
        return hashlib.sha256(self._token(feed_id).encode()).hexdigest() if feed_id else None

    def _token(self, feed_id: UUID) -> str:
        return sign_id(self.key, PURPOSE, feed_id)
