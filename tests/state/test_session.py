"""The session: limits move, undo goes back, saved means clean."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.limits import Limits
from deeprx_gui.state.session import Session
from tests.state.conftest import MakeProfile


@pytest.fixture
def session(qtbot: QtBot, make_profile: MakeProfile) -> Session:
    made = Session()
    made.open_profile(make_profile(review=10.0))
    return made


def test_opening_shows_the_saved_limits_and_nothing_to_undo(
    qtbot: QtBot, make_profile: MakeProfile
) -> None:
    session = Session()
    assert (session.profile, session.limits, session.dirty) == (None, None, False)
    with qtbot.waitSignals([session.profile_changed, session.limits_changed]):
        session.open_profile(make_profile(review=10.0))
    assert session.limits == Limits(10.0, 12.0)
    assert not session.dirty
    assert not session.undo_stack.canUndo()


def test_a_move_is_told_and_can_be_undone(session: Session, qtbot: QtBot) -> None:
    with qtbot.waitSignals([session.limits_changed, session.dirty_changed]):
        session.set_limits(Limits(11.0, 13.0))
    assert session.dirty
    with qtbot.waitSignals([session.limits_changed, session.dirty_changed]):
        session.undo_stack.undo()
    assert session.limits == Limits(10.0, 12.0)
    assert not session.dirty


def test_one_drag_is_one_step_of_undo(session: Session) -> None:
    for step in range(50):
        session.set_limits(Limits(10.0 + step / 10, 20.0), merge_id=7)
    session.set_limits(Limits(9.0, 20.0), merge_id=8)
    assert session.undo_stack.count() == 2
    session.undo_stack.undo()
    assert session.limits == Limits(14.9, 20.0)
    session.undo_stack.undo()
    assert session.limits == Limits(10.0, 12.0)


def test_a_drag_that_comes_back_leaves_nothing_behind(session: Session) -> None:
    session.set_limits(Limits(11.0, 12.0), merge_id=1)
    session.set_limits(Limits(10.0, 12.0), merge_id=1)
    assert not session.undo_stack.canUndo()
    assert not session.dirty


def test_the_same_limits_again_are_not_a_change(session: Session) -> None:
    session.set_limits(Limits(10.0, 12.0))
    assert not session.undo_stack.canUndo()


def test_saving_makes_the_working_limits_the_saved_ones(session: Session, qtbot: QtBot) -> None:
    limits = Limits(11.0, 13.0)
    session.set_limits(limits)
    assert session.profile is not None
    saved = replace(session.profile, revision=2, limits=limits)
    with (
        qtbot.waitSignals([session.profile_saved, session.dirty_changed]),
        qtbot.assertNotEmitted(session.profile_changed),
    ):
        session.mark_saved(saved)
    assert not session.dirty
    assert session.profile is saved
    session.undo_stack.undo()
    assert session.limits == Limits(10.0, 12.0)
    assert session.dirty


def test_a_move_made_while_saving_stays_and_is_unsaved(session: Session) -> None:
    session.set_limits(Limits(11.0, 13.0))
    assert session.profile is not None
    saved = replace(session.profile, revision=2, limits=Limits(11.0, 13.0))
    session.set_limits(Limits(11.5, 13.0))
    session.mark_saved(saved)
    assert session.limits == Limits(11.5, 13.0)
    assert session.dirty


def test_another_profile_drops_what_was_not_saved(
    session: Session, make_profile: MakeProfile
) -> None:
    session.set_limits(Limits(11.0, 13.0))
    session.open_profile(make_profile("Cover", review=2.0))
    assert session.limits == Limits(2.0, 2.4)
    assert not session.dirty


def test_a_closed_session_has_no_limits_to_move(session: Session) -> None:
    session.close_profile()
    session.set_limits(Limits(1.0, 2.0))
    assert (session.profile, session.limits, session.dirty) == (None, None, False)
