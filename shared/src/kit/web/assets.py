"""Static files under one address that changes with their content, so that browsers may keep them for a year."""

import gzip
import hashlib
import mimetypes
from functools import cache
from importlib.resources import files
from pathlib import Path

import msgspec
from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from kit.requests import AnyRequest

KIT = Path(str(files("kit.web") / "static"))
FOREVER = "public, max-age=31536000, immutable"
COMPRESSIBLE = {"text/css", "text/javascript", "image/svg+xml", "text/plain"}
TYPES = {
    ".woff2": "font/woff2",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".md": "text/plain",
}


class Asset(msgspec.Struct, frozen=True):
    media_type: str
    data: bytes
    zipped: bytes | None


class Assets:
    """All files of the kit's static folder, `vendor/` as its own level, kept in memory."""

    def __init__(self) -> None:
        self._files: dict[str, Asset] = {}
        digest = hashlib.sha256()
        for folder in (KIT / "vendor", KIT):
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                name = file.relative_to(folder).as_posix()
                if not name.startswith("vendor/"):
                    self._files[name] = _read(file)
                    digest.update(name.encode() + self._files[name].data)
        if "kern.css" not in self._files:
            raise FileNotFoundError(f"{KIT / 'vendor'} holds no page assets. Run `make` once: it fetches them.")
        self.version = digest.hexdigest()[:12]

    def url(self, name: str) -> str:
        if name not in self._files:
            raise KeyError(f"There is no static file {name!r}.")
        return f"/static/{self.version}/{name}"

    def handler(self) -> HTTPRouteHandler:
        @get("/static/{version:str}/{name:path}", include_in_schema=False, sync_to_thread=False)
        def static_file(request: AnyRequest, name: FromPath[str]) -> Response[bytes]:
            asset = self._files.get(name.lstrip("/"))
            if asset is None:
                raise NotFoundException
            headers = {"Cache-Control": FOREVER, "Vary": "Accept-Encoding"}
            if asset.zipped and "gzip" in request.headers.get("accept-encoding", ""):
                return Response(
                    asset.zipped, media_type=asset.media_type, headers={**headers, "Content-Encoding": "gzip"}
                )
            return Response(asset.data, media_type=asset.media_type, headers=headers)

        return static_file


@cache
def _read(file: Path) -> Asset:
    data = file.read_bytes()
    media_type = TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    zipped = gzip.compress(data, 9, mtime=0) if media_type in COMPRESSIBLE else None
    return Asset(media_type, data, zipped)
