"""Debian's dovecot as a mail server of its own on free ports: IMAP over TLS, and LMTP, behind which Sieve keeps the
first of mails with one Message-ID; its data in a folder. Every user has an account, with the same password.

It is there where `dovecot-imapd` is installed, LMTP where `dovecot-lmtpd` and `dovecot-sieve` are; whoever needs them
skips with `WHY_NOT` or `WHY_NO_SIEVE` where they are not.
"""

import imaplib
import os
import pwd
import shutil
import smtplib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.notify.certificates import make_certificate
from tests.support.worker import free_port

PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
WHY_NOT = "no dovecot here: apt-get install dovecot-imapd, and the same tests run against it"
HAS_SIEVE = all(
    map(Path.exists, (Path("/usr/lib/dovecot/lmtp"), Path("/usr/lib/dovecot/modules/lib90_sieve_plugin.so")))
)
WHY_NO_SIEVE = "no LMTP with Sieve here: apt-get install dovecot-imapd dovecot-lmtpd dovecot-sieve"
PASSWORD = 'ein-"gutes"-Wort'


class Dovecot(NamedTuple):
    port: int
    lmtp_port: int
    """Nobody listens where Sieve is not installed."""
    certificate: Path
    user: str = "termine"

    def deliver(self, mail: bytes, folder: str = "INBOX") -> None:
        with self._open() as client:
            client.append(folder, None, None, mail)

    def hand_over(self, mail: bytes) -> None:
        """By LMTP, as the last server on the way does."""
        with smtplib.LMTP("127.0.0.1", self.lmtp_port) as client:
            assert client.sendmail("b+1@schalter.example", [self.user], mail) == {}

    def list(self, folder: str) -> list[bytes]:
        """The mails' bytes, oldest first; none where there is no such folder."""
        with self._open() as client:
            if client.select(folder, readonly=True)[0] != "OK":
                return []
            found = client.search(None, "ALL")[1][0].split()
            parts = [client.fetch(number, "(BODY.PEEK[])")[1][0] for number in found]
            return [part[1] for part in parts if isinstance(part, tuple)]

    def rebuild(self) -> None:
        """The folder is made anew with the same mails, as after a restore: another UIDVALIDITY."""
        kept = self.list("INBOX")
        with self._open() as client:
            client.select("INBOX")
            client.store("1:*", "+FLAGS", "\\Deleted")
            client.expunge()
            client.unselect()
            client.delete("INBOX")
        for mail in kept:
            self.deliver(mail)

    def _open(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port)
        client.starttls()
        client.login(self.user, PASSWORD)
        return client


@contextmanager
def running_dovecot() -> Iterator[Dovecot]:
    assert PROGRAM, WHY_NOT
    folder = Path(tempfile.mkdtemp(prefix="schalter-dovecot-"))
    port, lmtp_port = free_port(), free_port()
    certificate = make_certificate(folder, "localhost")
    file = _write_configuration(folder, certificate, {"port": port, "lmtp_port": lmtp_port})
    process = subprocess.Popen([PROGRAM, "-F", "-c", str(file)], stderr=subprocess.DEVNULL)
    try:
        _wait(port, folder)
        yield Dovecot(port, lmtp_port, certificate)
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = {protocols}
listen = 127.0.0.1
{internal}first_valid_uid = 1
ssl = required
ssl_cert = <{certificate}
ssl_key = <{certificate}
disable_plaintext_auth = yes
auth_failure_delay = 0
auth_mechanisms = plain login
mail_location = maildir:{mails}/%u
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={mails}/%u allow_all_users=yes
}}
service imap-login {{
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap-login {{
  chroot =
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
"""

LMTP = """\
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp_port}
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:{folder}/once.sieve
}}
"""
ONCE = """\
require "duplicate";
if duplicate {
  discard;
}
"""


def _write_configuration(folder: Path, certificate: Path, ports: dict[str, int]) -> Path:
    """As root its processes give up their rights to Debian's own users; else all of them are we."""
    me = pwd.getpwuid(os.geteuid()).pw_name
    is_root = os.geteuid() == 0
    owner = "nobody" if is_root else me
    mails = folder / "mails"
    mails.mkdir()
    folder.chmod(0o755)
    if is_root:
        shutil.chown(mails, owner)
    ours = f"default_internal_user = {me}\ndefault_login_user = {me}\ndefault_internal_group = {_group()}\n"
    file = folder / "dovecot.conf"
    (folder / "once.sieve").write_text(ONCE)
    text = (CONFIGURATION + LMTP if HAS_SIEVE else CONFIGURATION).format(
        folder=folder,
        internal="" if is_root else ours,
        certificate=certificate,
        mails=mails,
        password=PASSWORD,
        owner=owner,
        group=_group(owner),
        protocols="imap lmtp" if HAS_SIEVE else "imap",
        **ports,
    )
    file.write_text(text)
    return file


def _group(user: str | None = None) -> str:
    return subprocess.check_output(["id", "-gn", *([user] if user else [])], text=True).strip()


def _wait(port: int, folder: Path) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            imaplib.IMAP4("127.0.0.1", port).logout()
        except OSError:
            log = folder / "dovecot.log"
            assert time.monotonic() < deadline, log.read_text() if log.exists() else "dovecot does not answer"
            time.sleep(0.05)
        else:
            return
