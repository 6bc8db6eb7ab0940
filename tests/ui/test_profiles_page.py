"""Profiles, driven as a person drives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile_card import Difference, HistoryEntry, ProfileCard
from deeprx_gui.domain.progress import Progress
from deeprx_gui.state.profiles import ProfilesModel
from deeprx_gui.state.session import Session
from deeprx_gui.ui.profiles.page import ProfilesPage
from tests.ui.conftest import MakeProfile, drop

Show = Callable[[ProfilesPage], ProfilesPage]
LEFT = Qt.MouseButton.LeftButton
SAVED = say("saved")


WHEN = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)


def a_card(id: str, name: str, **more: Any) -> ProfileCard:  # noqa: A002
    usual = ProfileCard(
        id,
        name,
        revision=3,
        revisions=3,
        saved_at=WHEN,
        who="Sato",
        normals=50,
        backbone="efficientnet-lite0",
        detector="deep-rx",
    )
    return replace(usual, **more)


def a_step(revision: int, what: Message = SAVED, **more: Any) -> HistoryEntry:
    return replace(HistoryEntry(revision, WHEN, "Sato", what, ""), **more)


class Desk:
    """The page with its models, and a record of what it asks for."""

    def __init__(self, show: Show) -> None:
        self.session = Session()
        self.model = ProfilesModel()
        self.page = ProfilesPage(self.session, self.model)
        self.asked: list[tuple[object, ...]] = []
        page, details = self.page, self.page.details
        for name, signal in (
            ("new", page.new_requested),
            ("demo", page.demo_requested),
            ("cancel", page.strip.cancel_requested),
            ("open", page.open_requested),
            ("import", page.import_requested),
            ("history", page.history_wanted),
            ("rename", details.rename_requested),
            ("duplicate", details.duplicate_requested),
            ("delete", details.delete_requested),
            ("rollback", details.rollback_requested),
            ("check", details.check_requested),
        ):
            signal.connect(lambda *values, name=name: self.asked.append((name, *values)))
        show(page)

    def fill(self) -> None:
        self.model.show_profiles((a_card("b-1", "Bracket"), a_card("c-1", "Cover", revision=1)))
        self.page.show_loaded()
        self.asked.clear()


@pytest.fixture
def controller(show: Show) -> Desk:
    return Desk(show)


def texts(page: ProfilesPage) -> str:
    QApplication.sendPostedEvents()  # what was just added to a layout is shown by one
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisibleTo(page))


def test_a_new_user_sees_how_to_begin(controller: Desk) -> None:
    controller.page.show_loaded()
    welcome = controller.page.welcome
    assert welcome.isVisible()
    QTest.mouseClick(welcome.new, LEFT)
    QTest.mouseClick(welcome.demo, LEFT)
    assert controller.asked == [("new",), ("demo",)]


def test_without_sample_images_it_says_what_to_do(controller: Desk) -> None:
    controller.page.show_loaded()
    controller.page.set_demo_advice(say("Install the sample images."))
    assert not controller.page.welcome.demo.isEnabled()
    assert "Install the sample images." in texts(controller.page)


def test_nothing_is_said_before_the_list_is_known(controller: Desk) -> None:
    assert not controller.page.welcome.isVisible()


def test_the_first_profile_is_selected_and_its_history_wanted(controller: Desk) -> None:
    controller.model.show_profiles((a_card("b-1", "Bracket"),))
    assert controller.page.details.shown_id == "b-1"
    assert controller.asked == [("history", "b-1")]
    assert "efficientnet-lite0" in texts(controller.page)


def test_opening_by_button_by_double_click_and_by_return(controller: Desk) -> None:
    controller.fill()
    QTest.mouseClick(controller.page.details.open, LEFT)
    view = controller.page.view
    spot = view.visualRect(controller.model.index(1)).center()
    QTest.mouseClick(view.viewport(), LEFT, pos=spot)
    QTest.mouseDClick(view.viewport(), LEFT, pos=spot)
    QTest.keyClick(view, Qt.Key.Key_Return)
    opened = [a for a in controller.asked if a[0] == "open"]
    assert opened == [("open", "b-1"), ("open", "c-1"), ("open", "c-1")]


def test_the_open_profile_leads_on_to_check(controller: Desk, make_profile: MakeProfile) -> None:
    controller.model.show_profiles((a_card("bracket-1", "Bracket"),))
    controller.session.open_profile(make_profile())
    assert controller.page.details.open.text() == "Go to Check"
    controller.asked.clear()
    QTest.mouseClick(controller.page.details.open, LEFT)
    assert controller.asked == [("check",)]


def test_renaming_happens_where_the_name_stands(controller: Desk) -> None:
    controller.fill()
    details = controller.page.details
    QTest.mouseClick(details.rename, LEFT)
    assert details.editor.name.text() == "Bracket"
    QTest.keyClicks(details.editor.name, "Bracket B")
    QTest.keyClick(details.editor.name, Qt.Key.Key_Return)
    assert controller.asked == [("rename", "b-1", "Bracket B")]
    assert not details.editor.isVisible()


def test_escape_gives_up_renaming(controller: Desk) -> None:
    controller.fill()
    QTest.keyClick(controller.page.view, Qt.Key.Key_F2)
    editor = controller.page.details.editor
    assert editor.isVisible()
    QTest.keyClick(editor.name, Qt.Key.Key_Escape)
    assert not editor.isVisible()
    assert controller.asked == []


def test_an_empty_name_cannot_be_given(controller: Desk) -> None:
    controller.fill()
    QTest.mouseClick(controller.page.details.rename, LEFT)
    controller.page.details.editor.name.setText("  ")
    assert not controller.page.details.editor.accept.isEnabled()


def test_a_copy_is_offered_a_name_of_its_own(controller: Desk) -> None:
    controller.fill()
    QTest.mouseClick(controller.page.details.duplicate, LEFT)
    QTest.mouseClick(controller.page.details.editor.accept, LEFT)
    assert controller.asked == [("duplicate", "b-1", "Bracket (copy)")]


def test_delete_by_button_and_by_key(controller: Desk) -> None:
    controller.fill()
    QTest.mouseClick(controller.page.details.delete, LEFT)
    QTest.keyClick(controller.page.view, Qt.Key.Key_Delete)
    assert controller.asked == [("delete", "b-1"), ("delete", "b-1")]


def test_a_damaged_profile_says_so_and_what_to_do(controller: Desk) -> None:
    problem = say("r0002 is damaged. You can roll back to r0001.")
    controller.model.show_profiles((a_card("b-1", "Bracket", revision=2, problem=problem),))
    details = controller.page.details
    assert "r0002 is damaged. You can roll back to r0001." in texts(controller.page)
    assert not details.open.isVisible()
    assert not details.rename.isEnabled()
    assert details.delete.isEnabled()
    controller.page.view.activated.emit(controller.model.index(0))
    assert ("open", "b-1") not in controller.asked
    controller.page.grab()  # the card itself can be painted


def test_history_reads_like_sentences_and_leads_back(controller: Desk) -> None:
    controller.fill()
    steps = (
        a_step(
            3,
            why="too many false calls",
            changes=(Difference("limits", say("NG limit 9.80 -> 10.20")),),
            is_current=True,
        ),
        a_step(2, problem=say("The file is damaged.")),
        a_step(1, what=say("first saved")),
    )
    controller.page.show_history("b-1", steps)
    shown = texts(controller.page)
    for sentence in ("NG limit 9.80 -> 10.20", "Reason: too many false calls", "In use", "Sato"):
        assert sentence in shown
    assert "The file is damaged." in shown
    (back,) = controller.page.details.history.findChildren(QPushButton)
    QTest.mouseClick(back, LEFT)
    assert controller.asked == [("rollback", "b-1", 1)]


def test_history_of_another_profile_is_not_shown(controller: Desk) -> None:
    controller.fill()
    controller.page.show_history("c-1", (a_step(1, why="not this one"),))
    assert "not this one" not in texts(controller.page)


def test_dropped_profile_files_are_imported_and_others_are_not_taken(controller: Desk) -> None:
    file = Path("/transfer/Bracket_r0003.deeprx").absolute()
    assert drop(controller.page, [file])
    assert controller.asked == [("import", (file,))]
    assert not drop(controller.page, [Path("/transfer/picture.png").absolute()])


def test_the_selection_survives_a_new_list(controller: Desk) -> None:
    controller.fill()
    controller.page.view.select("c-1")
    controller.model.show_profiles(
        (a_card("a-1", "Axle"), a_card("c-1", "Cover"), a_card("b-1", "Bracket"))
    )
    assert controller.page.details.shown_id == "c-1"


def test_the_samples_job_shows_how_far_it_is(controller: Desk) -> None:
    controller.page.show_loaded()
    controller.page.job_started(say("Preparing the sample images"))
    assert not controller.page.welcome.demo.isEnabled()
    controller.page.job_progress(Progress(5, 50, say("Reading normal images"), 30))
    assert "5 of 50" in texts(controller.page)
    QTest.mouseClick(controller.page.strip.cancel, LEFT)
    assert controller.asked == [("cancel",)]
    controller.page.job_ended()
    assert controller.page.welcome.demo.isEnabled()


def test_cards_show_a_picture_of_a_good_part(controller: Desk) -> None:
    red = np.zeros((90, 200, 3), np.uint8)
    red[..., 0] = 255
    controller.model.show_profiles((a_card("b-1", "Bracket", thumbnail=red),))
    rect = controller.page.view.visualRect(controller.model.index(0))
    image = controller.page.view.viewport().grab().toImage()
    colour = image.pixelColor(rect.left() + 50, rect.top() + 50)
    assert (colour.red(), colour.green()) == (255, 0)
