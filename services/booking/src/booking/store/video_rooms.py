"""What a tenant's visits by video are made of."""

import msgspec

from kit.sql import Connection, fetch_optional


class VideoRoom(msgspec.Struct, frozen=True):
    template: str
    """`{room}` is replaced by a token."""
    key: str
    """Makes tokens of appointments; never shown."""


async def find_video_room(connection: Connection, tenant: str) -> VideoRoom | None:
    return await fetch_optional(
        connection,
        VideoRoom,
        "SELECT t.profile ->> 'video_url_template' AS template, s.video_key AS key"
        " FROM tenant t JOIN tenant_setting s ON s.tenant = t.slug"
        " WHERE t.slug = $1 AND t.profile ->> 'video_url_template' IS NOT NULL",
        tenant,
    )
