"""What a tenant decides for all of its appointments."""

import msgspec

from kit.sql import Connection, fetch_optional


class VideoRoom(msgspec.Struct, frozen=True):
    template: str
    """`{id}` is replaced by a token."""
    key: str


async def find_video_room(connection: Connection, tenant: str) -> VideoRoom | None:
    return await fetch_optional(
        connection,
        VideoRoom,
        "SELECT video_url_template AS template, video_key AS key FROM tenant_setting"
        " WHERE tenant = $1 AND video_url_template IS NOT NULL",
        tenant,
    )
