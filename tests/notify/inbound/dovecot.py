"""Debian's dovecot as a mail server of its own on a free port: IMAP over TLS, its data in a folder. Every user has an
account, with the same password.

It is there where `dovecot-imapd` is installed; whoever needs it skips with `WHY_NOT` where it is not.
"""

import imaplib
import os
import pwd
import shutil
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
PASSWORD = 'ein-"gutes"-Wort'


class Dovecot(NamedTuple):
    port: int
    certificate: Path
    user: str = "termine"

    def deliver(self, mail: bytes, folder: str = "INBOX") -> None:
        with self._open() as client:
            client.append(folder, None, None, mail)

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
    port = free_port()
    certificate = make_certificate(folder, "localhost")
    file = _write_configuration(folder, port, certificate)
    process = subprocess.Popen([PROGRAM, "-F", "-c", str(file)], stderr=subprocess.DEVNULL)
    try:
        _wait(port, folder)
        yield Dovecot(port, certificate)
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)


CONFIGURATION = """\
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/dovecot.log
protocols = imap
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
  args = uid={owner} gid={group} home={mails}/%u
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


def _write_configuration(folder: Path, port: int, certificate: Path) -> Path:
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
    text = CONFIGURATION.format(
        folder=folder,
        internal="" if is_root else ours,
        certificate=certificate,
        mails=mails,
        password=PASSWORD,
        owner=owner,
        group=_group(owner),
        port=port,
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
