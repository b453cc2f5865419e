"""The connections of one sender, one to each mail server that it last spoke to. For one task alone."""

from notify.mail.smtp import Line, Server

LINES_MAX = 4
"""So many a sender keeps open: tenants with servers of their own may be many."""


class Lines:
    def __init__(self) -> None:
        self._lines: dict[Server, Line] = {}

    async def to(self, server: Server) -> Line:
        line = self._lines.pop(server, None) or Line(server)
        self._lines[server] = line  # the last used stands last
        while len(self._lines) > LINES_MAX:
            await self._lines.pop(next(iter(self._lines))).close()
        return line

    async def close(self) -> None:
        while self._lines:
            _, line = self._lines.popitem()
            await line.close()
