"""Postfix as a peer that nobody here wrote: its `smtp-sink`, hostile on demand, and a whole one with its own folders,
where a postgrey may stand at the door.

Debian has them in the packages `postfix` and `postgrey`; where one is not installed the tests that need it are skipped,
and say so.
"""

import asyncio
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.support.waiting import eventually
from tests.support.worker import free_port

_SBIN = "/usr/sbin:/sbin"


def find(program: str, package: str = "postfix") -> str:
    found = shutil.which(program, path=f"{os.environ['PATH']}:{_SBIN}")
    if found is None:
        why = f"{program} is not here: Debian has it in the package {package} (apt-get install {package})"
        pytest.skip(why)  # a Debian package: aiosmtpd, from PyPI, stands in for it everywhere
    return found


class Dumped(NamedTuple):
    """A mail as smtp-sink took it; also one whose dot it did not answer."""

    mail_args: str
    recipient: str
    message_id: str
    message: bytes


class Sink:
    """`smtp-sink` on one port, started anew with other manners as often as one likes."""

    def __init__(self, folder: Path, port: int) -> None:
        self._program = find("smtp-sink")
        self._folder = folder
        self.port = port
        self._process: asyncio.subprocess.Process | None = None

    async def behave(self, *manners: str) -> None:
        """`-r RCPT` refuses for now, `-q .` breaks off after the dot, and so on; nothing: takes all."""
        await self.stop()
        rights = ["-u", "nobody"] if os.geteuid() == 0 else []
        self._process = await asyncio.create_subprocess_exec(
            *(self._program, *rights, *manners, "-d", f"{self._folder}/%M.", f"inet:127.0.0.1:{self.port}", "50"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        await eventually(self._answers)

    async def stop(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _answers(self) -> bool:
        return await port_answers(self.port)

    def taken(self) -> list[Dumped]:
        return [dumped for file in self._folder.iterdir() if (dumped := _read(file.read_bytes()))]


@asynccontextmanager
async def hostile_sink() -> AsyncIterator[Sink]:
    with tempfile.TemporaryDirectory(prefix="schalter-sink-") as name:  # pytest's folders are closed to `nobody`
        os.chmod(name, 0o777)  # noqa: PTH101, S103 - it drops root's rights, and writes here
        sink = Sink(Path(name), free_port())
        try:
            yield sink
        finally:
            await sink.stop()


async def port_answers(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


_DUMPED = re.compile(
    rb"\A(?:X-Client-.*\n|X-Helo-.*\n)*X-Mail-Args: (?P<mail>.*)\nX-Rcpt-Args: <(?P<rcpt>[^>]*)>.*\n"
    rb"Received: .*\n(?:[\t ].*\n)*(?P<message>[\s\S]*\nMessage-ID: <(?P<id>[^>]*)>\n[\s\S]*)\Z"
)


def _read(raw: bytes) -> Dumped | None:
    """None: it broke off before the message was there."""
    found = _DUMPED.match(raw)
    if found is None:
        return None
    return Dumped(found["mail"].decode(), found["rcpt"].decode(), found["id"].decode(), found["message"])


_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = relay.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relayhost = [127.0.0.1]:{next_port}
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {certificate}
smtpd_tls_security_level = encrypt
smtpd_tls_session_cache_database =
smtpd_peername_lookup = no
smtp_host_lookup = native
smtp_dns_support_level = disabled
{more}
"""
_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def _need_root() -> None:
    if os.geteuid() != 0:
        why = "postfix itself starts as root alone; smtp-sink and aiosmtpd are asked all the same"
        pytest.skip(why)  # its master refuses to start without root


@asynccontextmanager
async def postfix(port: int, next_port: int, certificate: Path, more: str = "") -> AsyncIterator[None]:
    """A relay that speaks STARTTLS alone and hands all on to `next_port`; `more` of its settings."""
    program = find("postfix")
    _need_root()
    with tempfile.TemporaryDirectory(prefix="schalter-postfix-") as name:  # pytest's folders are closed to its user
        folder = Path(name)
        _lay_out(folder, certificate, {"port": port, "next_port": next_port, "more": more})
        await _run(program, "-c", name, "start")
        try:
            await eventually(lambda: port_answers(port))
            yield
        finally:
            await _run(program, "-c", name, "stop")


async def _run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    told, _ = await process.communicate()
    assert process.returncode == 0, told.decode()


def _lay_out(folder: Path, certificate: Path, own_values: dict[str, object]) -> None:
    folder.chmod(0o755)
    own = folder / "certificate.pem"
    shutil.copy(certificate, own)
    values = own_values | {"folder": folder, "certificate": own}
    (folder / "main.cf").write_text(_MAIN.format(**values))
    (folder / "master.cf").write_text(_MASTER.format(**values))
    (folder / "queue").mkdir()
    (folder / "data").mkdir()
    owner = pwd.getpwnam("postfix")
    os.chown(folder / "data", owner.pw_uid, owner.pw_gid)


@asynccontextmanager
async def greylist(delay_s: int) -> AsyncIterator[str]:
    """Yields the setting by which a postfix asks it: who comes for the first time is to come again, that much later."""
    program, port = find("postgrey", "postgrey"), free_port()
    _need_root()
    with tempfile.TemporaryDirectory(prefix="schalter-postgrey-") as name:
        nobody = Path(name) / "whitelist"
        nobody.touch()
        shutil.chown(name, "postgrey", "postgrey")
        process = await asyncio.create_subprocess_exec(
            *(program, f"--inet=127.0.0.1:{port}", f"--dbdir={name}", f"--pidfile={name}/pid", f"--delay={delay_s}"),
            *(f"--whitelist-clients={nobody}", f"--whitelist-recipients={nobody}", "--user=postgrey"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            await eventually(lambda: port_answers(port))
            yield f"smtpd_recipient_restrictions = check_policy_service inet:127.0.0.1:{port}, permit"
        finally:
            process.terminate()
            await process.wait()
