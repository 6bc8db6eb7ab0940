"""What the window says belongs to the product that is open."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, Program
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.message import say
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.jobs.lane import once
from deeprx_gui.state.notice import NoticeKind
from tests.made_record import made_record
from tests.ui.conftest import MakePictures, MakeProfile, Start
from tests.ui.driving import learned, settle


def score(program: Program, qtbot: QtBot, items: tuple[PendingImage, ...]) -> None:
    program.check_controller.score(items)
    settle(program, qtbot)


def test_the_runtime_is_that_of_the_open_product(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, make_profile: MakeProfile
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    runtime = program.window.header.runtime
    assert runtime.text() == "torch · CPU"
    program.job_service.services.engines._pixels(  # what a comparison of detectors opens
        make_profile().preprocessing, make_profile().view
    )
    program.job_service.run(
        program.job_service.engine,
        once(lambda: None, say("Comparing")),
        progress=lambda _progress: None,
        done=lambda _nothing: None,
        ended=lambda _notice: None,
    )
    settle(program, qtbot)
    assert runtime.text() == "torch · CPU"
    program.session.open_profile(make_profile("Cover"))
    assert not runtime.isVisible(), "nothing has computed for this product yet"


def test_check_keeps_each_products_pictures_apart(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, make_profile: MakeProfile
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    bracket = program.session.profile
    assert bracket is not None
    program.window.show_page(CHECK)
    pictures = make_pictures(3, "unseen")
    score(program, qtbot, tuple(PendingImage(p, Label.BAD) for p in pictures))
    waiting = program.check_page.body.waiting
    program.session.open_profile(replace(make_profile("Cover"), id="cover-1"))
    assert list(waiting.items) == []
    assert not waiting.isVisible()
    program.check_page.take(make_pictures(2, "covers"))
    program.session.open_profile(bracket)
    assert [(item.path, item.label) for item in waiting.items] == [
        (path, Label.BAD) for path in pictures
    ]
    program.session.open_profile(replace(make_profile("Cover"), id="cover-1"))
    assert [item.path.parent.name for item in waiting.items] == ["covers", "covers"]


def test_pictures_are_removed_and_cleared_and_come_back_by_undo(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    program.window.show_page(CHECK)
    pictures = make_pictures(4, "unseen")
    score(program, qtbot, tuple(PendingImage(p) for p in pictures))
    table, results = program.check_page.body.table, program.results
    table.selectRow(1)
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Delete)
    assert [item.path for item in results.rows.items] == [pictures[0], pictures[2], pictures[3]]
    shown = program.check_page.picture.item
    assert shown is results.rows.items[1], "the next one is shown"
    results.set_labels([1], Label.BAD)
    program.check_page.body.clear.click()
    assert results.rowCount() == 0
    assert program.check_page.picture.item is None
    undo = program.session.undo_stack
    undo.undo()
    assert results.rows.label_of(1) is Label.BAD
    undo.undo()
    assert results.rows.label_of(1) is Label.UNKNOWN
    undo.undo()
    assert [item.path for item in results.rows.items] == pictures
    assert all(path.is_file() for path in pictures)


def test_what_was_cleared_is_not_offered_again(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, make_profile: MakeProfile
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    bracket = program.session.profile
    assert bracket is not None
    score(program, qtbot, tuple(PendingImage(p) for p in make_pictures(3, "unseen")))
    program.check_page.body.clear.click()
    program.session.open_profile(replace(make_profile("Cover"), id="cover-1"))
    program.session.open_profile(bracket)
    assert program.check_page.body.waiting.items == ()


def test_the_counters_are_those_of_the_open_product_with_what_was_decided(
    start: Start, qtbot: QtBot, make_profile: MakeProfile
) -> None:
    program = start()
    store = program.records.store()
    now = datetime.now(UTC)
    verdicts = (Verdict.OK, Verdict.REVIEW, Verdict.REVIEW, Verdict.NG, Verdict.ERROR)
    for number, verdict in enumerate(verdicts):
        store.add(made_record(number, verdict, when=now, profile_id="bracket-1"))
    store.add(made_record(9, Verdict.NG, when=now, profile_id="cover-1"))
    store.decide(2, Decision.OK, who="鈴木")
    program.session.open_profile(replace(make_profile("Bracket"), id="bracket-1"))
    settle(program, qtbot)
    counts, bad = program.inspect_model.counts, program.inspect_model.bad
    assert (counts.ok, counts.review, counts.ng, counts.error) == (2, 1, 1, 1)
    assert [part.record.uid for part in bad] == ["uid-3"]
    program.session.open_profile(replace(make_profile("Cover"), id="cover-1"))
    settle(program, qtbot)
    assert (program.inspect_model.counts.total, program.inspect_model.counts.ng) == (1, 1)
    assert [part.record.uid for part in program.inspect_model.bad] == ["uid-9"]


def test_sentences_about_another_product_are_taken_away(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, make_profile: MakeProfile
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    trouble = say("This cannot be read.")
    program.job_service.tell(trouble, NoticeKind.ERROR)
    banners = (program.teach_page.banner, program.check_page.banner)
    for banner in banners:
        banner.show_message(trouble, "error")
    program.session.open_profile(make_profile("Cover"))
    assert program.window.status.message is None
    assert [banner.message for banner in banners] == [None, None]
