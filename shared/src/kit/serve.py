"""Running a web process: granian with uvloop, workers that die with their parent."""

import ctypes
import gc
import signal
import sys

from granian.constants import Interfaces, Loops
from granian.server import Server

PR_SET_PDEATHSIG = 1


def serve(target: str, *, host: str, port: int, workers: int) -> None:
    """Serve the app factory `target` ("booking.app:create") until SIGTERM. Blocks."""
    Server(
        target,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=workers,
        loop=Loops.uvloop,
        factory=True,
        log_access=False,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=5,
    ).serve()


def die_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Call in a worker's start-up: a parent killed by SIGKILL leaves no orphan that holds the port (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


def settle() -> None:
    """Call when a worker is ready: what was made at its start lives as long as it does, and is searched no more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
