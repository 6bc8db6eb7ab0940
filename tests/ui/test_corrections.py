"""Was OK, Missed, the waiting list, apply, the gate's question: driven in the real window."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, HISTORY, INSPECT, Program
from deeprx_gui.controllers.corrections_controller import TappedPart
from deeprx_gui.controllers.shared_services import make_services
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.gate import GateReport
from deeprx_gui.domain.inspection import Decision, InspectedPart
from deeprx_gui.domain.profile import DetectorChoice, Profile
from deeprx_gui.domain.scored import Label
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.settings import Settings
from deeprx_gui.ui.history.page import HistoryPage
from deeprx_gui.work.fit import fit
from tests.engine.parts import part, with_scratch
from tests.made_record import made_record
from tests.ui.correction_line import Line
from tests.work.helpers import SETTINGS, drive, request_for, save, save_parts

WAS_OK, MISSED = CorrectionKind.WAS_OK, CorrectionKind.MISSED


@pytest.fixture
def line(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[Line]:
    paths = Paths(tmp_path / "data")
    services = make_services(paths)
    (tmp_path / "normals").mkdir()
    files = save_parts(tmp_path / "normals", 8)
    settings = replace(SETTINGS, detector=DetectorChoice("rx"))
    job = fit(
        request_for(files, settings=settings),
        engines=services.engines,
        store=services.store,
        scratch=paths.scratch,
    )
    profile = drive(job)[1].profile
    program = Program(qapp, services, Settings(language="en"))
    program.window.resize(1366, 768)
    program.start()
    program.finish()
    program.session.open_profile(profile)
    try:
        yield Line(program, qtbot, tmp_path, profile)
    finally:
        qtbot.waitUntil(lambda: not program.job_service.busy)
        assert program.stop()
        program.window.close()
        program.window.deleteLater()
        program.deleteLater()


def shown(page: HistoryPage) -> int:
    return 0 if page.body.panel.record is None else page.body.panel.record.number


def stopped(seed: int) -> ByteImage:
    """A good part in a little less light, which the product stops."""
    return np.asarray(np.clip(part(seed, 64, 64).astype(int) - 12, 0, 255), np.uint8)


def test_from_the_tap_to_the_new_revision(line: Line) -> None:
    body = line.program.check_page.body
    line.check(stopped(50), "dust.png")
    assert not body.corrections.buttons[MISSED].isEnabled()  # it was stopped, so not missed
    line.tap(body.corrections, WAS_OK)
    assert line.program.results.rows.label_of(0) is Label.GOOD
    line.check(part(52, 64, 64), "hairline.png")
    assert not body.corrections.buttons[WAS_OK].isEnabled()
    line.tap(body.corrections, MISSED)
    assert line.revision == 1  # nothing changes until it is applied
    line.open_sheet(body.corrections)
    assert [one.name for one in line.sheet.book.pending] == ["dust.png", "hairline.png"]
    line.apply()
    line.qtbot.waitUntil(lambda: line.revision == 2)
    line.qtbot.waitUntil(lambda: not line.book().pending)
    line.qtbot.waitUntil(lambda: len(line.sheet.book.must_find) == 1)
    assert line.open_revision == 2
    assert "revision r0002" in line.sheet.banner.text.text()
    assert body.corrections.waiting == 0


def test_taken_back_before_it_is_applied(line: Line) -> None:
    body = line.program.check_page.body
    line.check(stopped(50), "dust.png")
    line.tap(body.corrections, WAS_OK)
    line.open_sheet(body.corrections)
    (one,) = line.sheet.book.pending
    line.sheet.buttons[one.id].click()
    line.qtbot.waitUntil(lambda: not line.sheet.book.pending)
    assert not line.sheet.apply.isEnabled()
    line.qtbot.waitUntil(lambda: body.corrections.waiting == 0)


def test_a_defect_called_ok_is_refused_and_may_be_overruled(line: Line) -> None:
    body = line.program.check_page.body
    line.check(with_scratch(part(60, 64, 64), 20, 20, 30), "a real defect.png")
    line.tap(body.corrections, WAS_OK)
    line.open_sheet(body.corrections)
    line.apply()
    line.qtbot.waitUntil(line.gate.isVisible)
    texts = [label.text() for label in line.gate.texts]
    assert any("a real defect.png" in text for text in texts)
    assert not line.gate.overrule.isEnabled()
    line.gate.leave.click()
    assert (line.revision, len(line.book().pending)) == (1, 1)
    line.qtbot.waitUntil(line.sheet.apply.isEnabled)
    line.apply()
    line.qtbot.waitUntil(line.gate.isVisible)
    QTest.keyClicks(line.gate.reason, "the customer accepts it")
    line.gate.overrule.click()
    line.qtbot.waitUntil(lambda: line.revision == 2)
    log = line.program.job_service.services.paths.profiles / line.profile.id / "log.jsonl"
    assert '"overruled": "the customer accepts it"' in log.read_text("utf-8")


def test_opposite_words_are_told_where_the_tap_was(line: Line) -> None:
    body = line.program.check_page.body
    path = line.check(stopped(50), "dust.png")
    line.tap(body.corrections, WAS_OK)
    store = line.program.job_service.services.store
    told: list[str] = []
    line.program.job_service.told.connect(lambda notice: told.append(str(notice.message)))
    line.program.session.set_limits(replace(line.profile.limits, review=900.0, ng=1000.0))
    body.follow_label()
    body.corrections.buttons[MISSED].click()
    line.qtbot.waitUntil(lambda: any("cannot be good and bad" in text for text in told))
    assert len(store.corrections.book(line.profile.id).pending) == 1
    assert path.is_file()
    line.program.session.set_limits(line.profile.limits)


def test_a_tap_on_history_decides_and_notes(line: Line) -> None:
    picture = save(line.folder / "kept.png", stopped(55))
    results = line.program.job_service.services.paths.results
    kept = results / "pictures" / "kept.png"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(picture.read_bytes())
    records = line.program.records.store()
    key = line.profile.id
    records.add(made_record(1, Verdict.NG, picture="pictures/kept.png", serial="7", profile_id=key))
    records.add(made_record(2, Verdict.NG, picture="pictures/gone.png", profile_id=key))
    page = line.program.history_page
    page.body.filter_bar.show_everything()
    line.program.window.show_page(HISTORY)
    line.qtbot.waitUntil(lambda: page.history.rowCount() == 2)
    line.qtbot.waitUntil(lambda: page.history.record(1) is not None)
    page.body.table.go_to(1)
    line.qtbot.waitUntil(lambda: page.body.panel.record is not None)
    line.tap(page.body.corrections, WAS_OK)
    line.qtbot.waitUntil(lambda: line.decision(1) is Decision.OK)
    (one,) = line.book().pending
    assert (one.name, one.uid) == ("7", "uid-1")
    told: list[str] = []
    line.program.job_service.told.connect(lambda notice: told.append(str(notice.message)))
    page.body.table.go_to(2)
    line.qtbot.waitUntil(lambda: shown(page) == 2)
    page.body.corrections.buttons[WAS_OK].click()
    line.qtbot.waitUntil(lambda: any("gone.png" in text for text in told))


def test_decisions_of_history_are_offered_in_the_sheet(line: Line) -> None:
    results = line.program.job_service.services.paths.results
    kept = results / "pictures" / "kept.png"
    kept.parent.mkdir(parents=True, exist_ok=True)
    save(kept, stopped(55))
    records = line.program.records.store()
    records.add(made_record(1, Verdict.NG, picture="pictures/kept.png", profile_id=line.profile.id))
    records.decide(1, Decision.OK, who="")
    line.program.window.show_page(CHECK)
    line.open_sheet(line.program.check_page.body.corrections)
    assert line.sheet.decisions.isVisible()
    line.sheet.decisions.click()
    line.qtbot.waitUntil(lambda: len(line.sheet.book.pending) == 1)
    assert not line.sheet.decisions.isVisible()


def test_a_tap_on_inspect_keeps_the_pixels_that_were_judged(line: Line) -> None:
    from deeprx_gui.capture.decode import decode

    records = line.program.records.store()
    record = records.add(made_record(1, Verdict.NG, profile_id=line.profile.id))
    frame = decode(save(line.folder / "seen.png", stopped(57)))
    inspected = InspectedPart(record, frame, np.full((8, 8), 15, np.float32))
    page = line.program.inspect_page
    line.program.window.show_page(INSPECT)
    line.program.inspect_model.take((inspected,))
    page.picture.show_current(inspected)
    page._whole.setCurrentIndex(1)
    line.qtbot.waitUntil(lambda: page.picture.shown is inspected)
    line.tap(page.picture.corrections, WAS_OK)
    (one,) = line.book().pending
    kept = line.program.job_service.services.store.corrections.path_of(line.profile.id, one)
    assert np.array_equal(decode(kept).pixels, frame.pixels)
    line.qtbot.waitUntil(lambda: line.decision(1) is Decision.OK)


def test_an_operator_says_it_and_an_engineer_applies_it(line: Line) -> None:
    page = line.program.inspect_page
    actions: list[object] = []
    line.program.job_service.told.connect(lambda notice: actions.append(notice.action))
    page.set_operator(True)
    assert page.picture.corrections.list.isHidden()
    part_seen = TappedPart(line.profile.id, "a.png", frame=Frame(stopped(58), "a"))
    bar = page.picture.corrections
    corrections = line.program.shared.corrections
    corrections.note(WAS_OK, (part_seen,), offer=not bar.list.isHidden())
    line.qtbot.waitUntil(lambda: len(line.book().pending) == 1)
    line.qtbot.waitUntil(lambda: bool(actions))
    assert actions == [None]
    page.set_operator(False)
    assert not bar.list.isHidden()


def test_a_run_goes_on_with_the_revision_it_began_with(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(line.program.inspect_controller), "running", property(lambda _: True))
    opened: list[object] = []
    line.program.session.profile_changed.connect(lambda: opened.append(1))
    body = line.program.check_page.body
    line.check(stopped(50), "dust.png")
    line.tap(body.corrections, WAS_OK)
    line.open_sheet(body.corrections)
    line.apply()
    line.qtbot.waitUntil(lambda: line.revision == 2)
    line.qtbot.waitUntil(lambda: "goes on as before" in line.sheet.banner.text.text())
    assert line.open_revision == 1
    assert not opened


def test_going_back_to_a_revision_that_loses_a_must_find_is_asked_about(line: Line) -> None:
    store = line.program.job_service.services.store
    bad = save(line.folder / "bad.png", with_scratch(part(70, 64, 64), 20, 20, 30))
    loose = replace(line.profile.limits, review=1e6, ng=1e6)
    store.save(replace(line.profile, limits=loose))
    store.rollback(line.profile.id, 1, who="", why="")
    store.corrections.add(line.profile.id, MISSED, bad.read_bytes(), name="bad.png", who="")
    (one,) = line.book().pending
    store.corrections.applied(line.profile.id, [one.id], 1)
    line.program.profiles_controller.roll_back(line.profile.id, 2)
    line.qtbot.waitUntil(line.gate.isVisible)
    assert any("bad.png" in label.text() for label in line.gate.texts)
    QTest.keyClick(line.gate, Qt.Key.Key_Escape)
    line.qtbot.waitUntil(lambda: not line.gate.isVisible())
    assert line.revision == 1
    line.program.profiles_controller.roll_back(line.profile.id, 2)
    line.qtbot.waitUntil(line.gate.isVisible)
    QTest.keyClicks(line.gate.reason, "trial")
    line.gate.overrule.click()
    line.qtbot.waitUntil(lambda: line.revision == 2)


def test_limits_moved_by_hand_that_lose_a_must_find_are_asked_about(line: Line) -> None:
    store, session = line.program.job_service.services.store, line.program.session
    bad = save(line.folder / "bad.png", with_scratch(part(70, 64, 64), 20, 20, 30))
    store.corrections.add(line.profile.id, MISSED, bad.read_bytes(), name="bad.png", who="")
    (one,) = line.book().pending
    store.corrections.applied(line.profile.id, [one.id], 1)
    loose = line.profile.limits.moved(review=900.0, ng=900.0)
    session.set_limits(loose)
    line.program.job_service.save_limits("quieter")
    line.qtbot.waitUntil(line.gate.isVisible)
    assert any("bad.png" in label.text() for label in line.gate.texts)
    line.gate.leave.click()
    assert (line.revision, session.dirty, session.limits) == (1, True, loose)
    line.program.job_service.save_limits("quieter")
    line.qtbot.waitUntil(line.gate.isVisible)
    QTest.keyClicks(line.gate.reason, "for a trial")
    line.gate.overrule.click()
    line.qtbot.waitUntil(lambda: line.revision == 2)
    entry = store.history(line.profile.id)[0]
    assert entry.why == "quieter"
    log = next(line.folder.rglob("log.jsonl")).read_text("utf-8").splitlines()
    assert json.loads(log[-1])["gate"]["overruled"] == "for a trial"


def test_a_product_opened_while_the_gate_judges_keeps_its_own_limits(line: Line) -> None:
    """And limits that are being judged are not saved a second time meanwhile."""
    session, jobs = line.program.session, line.program.job_service
    other = line.store.save(replace(line.profile, id="", revision=0, name="another product"))
    real, held = jobs.limits_gate, list[Callable[[], None]]()
    assert real is not None

    def slow(
        moved: Profile,
        go_on: Callable[[GateReport | None], None],
        stopped: Callable[[], None] | None,
    ) -> None:
        held.append(partial(real, moved, go_on, stopped))

    jobs.limits_gate = slow
    ends, told = list[str](), list[str]()
    jobs.told.connect(lambda notice: told.append(str(notice.message)))
    session.set_limits(line.profile.limits.moved(ng=line.profile.limits.ng * 1.1))
    jobs.save_limits("quieter", lambda: ends.append("saved"), lambda: ends.append("not now"))
    jobs.save_limits("again", lambda: ends.append("again"), lambda: ends.append("blocked"))
    assert ends == ["blocked"]
    assert "judged and saved already" in told[-1]
    session.open_profile(other)
    for go in held:
        go()
    line.qtbot.waitUntil(lambda: len(ends) == 2)
    assert ends == ["blocked", "not now"]
    assert line.revision == 2  # saved for the product it was meant for
    assert session.profile is other
    assert session.limits == other.limits
    assert any("saved as revision 2" in text for text in told)
    session.set_limits(other.limits.moved(ng=other.limits.ng * 1.2))
    held.clear()
    jobs.save_limits("louder", lambda: ends.append("saved"))
    for go in held:
        go()
    line.qtbot.waitUntil(lambda: ends[-1] == "saved")
    assert line.store.load(other.id).revision == 2


def test_pictures_that_joined_are_said_where_the_revision_of_the_file_is_not_put_in_use(
    line: Line,
) -> None:
    office = ProfileStore(line.folder / "office")
    first = line.store.export(line.profile.id, line.folder / "1.deeprx")
    profile = office.import_file(first, who="")
    bad = save(line.folder / "bad.png", with_scratch(part(70, 64, 64), 20, 20, 30))
    office.save(replace(profile, limits=replace(profile.limits, review=1e6, ng=1e6)))
    one = office.corrections.add(profile.id, MISSED, bad.read_bytes(), name="bad.png", who="")
    office.corrections.applied(profile.id, [one.id], 2)
    imports = line.program.imports
    imports.import_files([office.export(profile.id, line.folder / "2.deeprx")])
    line.qtbot.waitUntil(imports.sheet.isVisible)
    imports.sheet.revision.click()
    line.qtbot.waitUntil(line.gate.isVisible)
    line.gate.leave.click()
    told = line.program.window.status.text.text()
    assert told.startswith("The new revision was not put in use")
    assert told.endswith("1 picture from the file joined the must-find set.")
    assert (line.revision, [o.id for o in line.book().must_find]) == (1, [one.id])
