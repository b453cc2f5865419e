"""Mails before the judges of `judges.mjs`: a decoder and a linter that are not ours."""

import json
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

import msgspec

HERE = Path(__file__).parent
MODULES = HERE.parents[2] / "node_modules"
TIME_LIMIT_S = 120


class Judged(msgspec.Struct):
    subject: str
    text: str
    html: str
    attachments: list[str]
    faults: list[str]
    """What html-validate finds fault with."""
    from_: dict[str, str] | None = msgspec.field(name="from", default=None)


def why_not() -> str:
    """The reason to skip; empty where everything is there."""
    if shutil.which("node") is None or not all((MODULES / name).exists() for name in ("html-validate", "postal-mime")):
        return "no node, or no html-validate and postal-mime in node_modules (make test installs them)"
    return ""


def judge(mails: Sequence[bytes]) -> list[Judged]:
    done = subprocess.run(
        ["node", HERE / "judges.mjs"],
        input=json.dumps([b64encode(mail).decode() for mail in mails]).encode(),
        capture_output=True,
        check=True,
        timeout=TIME_LIMIT_S,
    )
    return msgspec.json.decode(done.stdout, type=list[Judged])
