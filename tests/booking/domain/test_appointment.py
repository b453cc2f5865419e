"""The table of transitions is the whole truth, and the README shows it."""

from pathlib import Path
from typing import get_args

import pytest
from tests.booking.domain.samples import NOW, appointment

from booking.domain.appointment import TRANSITIONS, WITH_DEADLINE, Action, By, decide, draw
from booking.domain.errors import Conflict
from contracts.booking import AppointmentState

README = Path(__file__).parents[3] / "services/booking/README.md"


def test_the_readme_shows_the_diagram_as_the_table_draws_it() -> None:
    assert f"```mermaid\n{draw()}\n```" in README.read_text("utf-8")


def test_what_the_table_does_not_have_is_refused() -> None:
    allowed = {(move.source, move.action, move.target) for move in TRANSITIONS}
    for source in get_args(AppointmentState):
        for action in get_args(Action):
            for target in get_args(AppointmentState):
                if (source, action, target) not in allowed:
                    with pytest.raises(Conflict):
                        decide(appointment(state=source), action, target, NOW)


def test_each_move_is_a_new_version_and_a_deadline_exists_only_while_reserved() -> None:
    for move in TRANSITIONS:
        if move.source is None:
            continue
        after = decide(appointment(state=move.source), move.action, move.target, NOW).after
        assert after.version == 2
        assert after.updated_at == NOW
        assert (after.expires_at is not None) <= (after.state in WITH_DEADLINE)


def test_each_state_is_reached() -> None:
    assert {move.target for move in TRANSITIONS if move.action not in ("settle", "send_link")} == set(
        get_args(AppointmentState)
    )


def test_what_is_the_offices_is_not_the_citizens() -> None:
    with pytest.raises(Conflict):
        decide(appointment(state="confirmed"), "complete", "completed", NOW, by=By("citizen"))


def test_the_audit_names_the_member_of_the_staff() -> None:
    decision = decide(appointment(state="confirmed"), "complete", "completed", NOW, by=By("staff", "anna.claessen"))
    assert decision.signature == "staff:anna.claessen"
