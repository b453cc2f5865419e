"""One demo in a folder: a lock that ends with the process, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from demo.supervisor import StartError


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Raises StartError where a demo runs already. Nothing that is the running one's was touched then."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StartError(_tell_running(folder)) from None
        yield


def _tell_running(folder: Path) -> str:
    try:
        portal = msgspec.json.decode((folder / "demo.json").read_bytes())["portal"]
    except FileNotFoundError:
        portal = "it has not started yet, or is stopping"
    return f"The demo is already running here ({portal}). Another one needs DEMO_DATA and DEMO_PORT of its own."
