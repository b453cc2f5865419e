"""The states as data: drawn, and held equal to the README and the database."""

import re
from importlib.resources import files
from pathlib import Path

from notify.domain.delivery import OPEN, STATES, TRANSITIONS, draw, sources_of

README = Path(__file__).parents[2] / "services/notify/README.md"


def test_the_readme_shows_the_states_as_they_are() -> None:
    shown = README.read_text("utf-8").split("```mermaid\n")[1].split("```")[0]
    assert shown == draw(), "Paste the output of notify.domain.delivery.draw() into services/notify/README.md."


def test_the_database_knows_the_same_states() -> None:
    sql = (files("notify") / "migrations/0001_notify.sql").read_text("utf-8")
    check = re.search(r"state\s+text NOT NULL DEFAULT 'queued' CHECK \(state IN \(([^)]*)\)", sql)
    assert check
    assert set(re.findall(r"'(\w+)'", check[1])) == set(STATES)


def test_every_state_is_reached_and_every_open_one_is_left() -> None:
    assert {step.target for step in TRANSITIONS} | {"queued"} == set(STATES)
    assert {step.source for step in TRANSITIONS} >= OPEN
    assert sources_of("suppressed") == ["queued", "retry_wait", "unknown"]


def test_only_a_returned_mail_moves_what_was_accepted() -> None:
    assert {step.target for step in TRANSITIONS if step.source == "accepted"} == {"assumed_delivered", "bounced"}
