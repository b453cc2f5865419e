"""A part that hangs (SIGSTOP: alive, and mute) delays the others and breaks nothing."""

from tests.support.booker import Booker, new_address
from tests.support.mails import assert_told_once
from tests.support.system import System
from tests.support.waiting import wait_until


def test_mail_server_away(system: System) -> None:
    booker, email = Booker(system), new_address("post")
    held = booker.hold("Wohnsitz anmelden")
    with system.paused("demo.mailbox"):
        assert booker.confirm(held, email).json()["state"] == "confirmed"
    assert_told_once(system, email, timeout_s=90)


def test_nats_away(system: System) -> None:
    booker, email = Booker(system), new_address("nats")
    held = booker.hold("Wohnsitz anmelden")
    with system.paused("nats-server"):
        assert booker.confirm(held, email).json()["state"] == "confirmed"
    assert_told_once(system, email)


def test_payment_away(system: System) -> None:
    """Who pays online hears what to do, keeps the reservation, and may go on when payment is back."""
    booker, email = Booker(system), new_address("kasse")
    held = booker.hold("Führungszeugnis")
    with system.paused("payment serve"):
        answer = booker.confirm(held, email, payment="online")
        assert answer.status_code == 503, answer.text
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert booker.read(held)["state"] in ("held", "awaiting_payment")
    answer = wait_until(lambda: _begun(booker, held), 30)
    assert answer["payment"]["next_url"].startswith(system.url("payment"))


def _begun(booker: Booker, held: dict[str, object]) -> dict[str, dict[str, str]] | None:
    answer = booker.post(f"/appointments/{held['id']}/payment", {"mode": "online"}, token=str(held["access_token"]))
    body: dict[str, dict[str, str]] = answer.json()
    return body if answer.status_code == 200 else None
