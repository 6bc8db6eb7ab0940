"""Profiles and results in the whole window, with work that needs no engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from deeprx_gui.app import PROFILES
from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.fit_settings import PRESETS
from deeprx_gui.domain.profile import DetectorChoice
from deeprx_gui.domain.scored import PendingImage
from deeprx_gui.engine.detectors.table import DETECTORS
from tests.ui.conftest import MakePictures, MakeProfile, Start, drop
from tests.ui.driving import LEFT, learned, settle


def test_deleting_a_profile_can_be_taken_back(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    program.window.show_page(PROFILES)
    QTest.mouseClick(program.profiles_page.details.delete, LEFT)
    QTest.mouseClick(program.profiles_page.confirm.yes, LEFT)
    qtbot.waitUntil(lambda: program.profiles.rowCount() == 0)
    settle(program, qtbot)
    assert program.session.profile is None
    assert program.profiles_page.welcome.isVisible()
    status = program.window.status
    assert status.text.text() == "“Bracket” was moved to the bin."
    QTest.mouseClick(status.button, LEFT)
    qtbot.waitUntil(lambda: program.profiles.rowCount() == 1)
    settle(program, qtbot)


def test_rename_duplicate_and_roll_back_go_through(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    profile = program.session.profile
    assert profile is not None
    controller = program.profiles_controller
    controller.rename(profile.id, "Bracket B")
    settle(program, qtbot)
    assert program.window.header.product.text() == "Bracket B"
    controller.duplicate(profile.id, "Bracket C")
    settle(program, qtbot)
    assert {c.name for c in program.profiles.cards} == {"Bracket B", "Bracket C"}
    controller.roll_back(profile.id, 1)
    settle(program, qtbot)
    assert program.window.header.product.text() == "Bracket"
    assert program.window.header.revision.text() == "r0001"


def test_a_refused_name_is_said_in_the_status_line(
    start: Start, qtbot: QtBot, make_pictures: MakePictures
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    profile = program.session.profile
    assert profile is not None
    program.profiles_controller.duplicate(profile.id, "Bracket")
    settle(program, qtbot)
    assert "already a profile" in program.window.status.text.text()


def test_a_damaged_file_is_refused_in_words(start: Start, qtbot: QtBot, tmp_path: Path) -> None:
    program = start()
    bad = tmp_path / "bad.deeprx"
    bad.write_bytes(b"not a profile")
    assert drop(program.profiles_page, [bad])
    settle(program, qtbot)
    message = program.window.status.message
    assert message is not None
    assert program.profiles.rowCount() == 0


def test_an_exported_profile_can_be_imported_again(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, tmp_path: Path
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    profile = program.session.profile
    assert profile is not None
    file = tmp_path / "搬出" / "Bracket.deeprx"
    file.parent.mkdir()
    corrections = program.job_service.services.store.corrections
    defect = make_pictures(1, "傷")[0].read_bytes()
    missed = corrections.add(profile.id, CorrectionKind.MISSED, defect, name="傷.png", who="")
    corrections.applied(profile.id, [missed.id], 1)
    program.profiles_controller.export(profile.id, file)
    settle(program, qtbot)
    assert "must-find pictures 1 (" in program.window.status.text.text()
    corrections.remove_must_find(profile.id, [missed.id])
    assert drop(program.profiles_page, [file])
    settle(program, qtbot)
    told = program.window.status.text.text()
    assert "in use already" in told
    assert "1 picture from the file joined the must-find set" in told
    assert corrections.book(profile.id).must_find[0].id == missed.id
    assert drop(program.profiles_page, [file])
    settle(program, qtbot)
    assert "joined" not in program.window.status.text.text(), "no doubles"
    program.job_service.services.store.rename(profile.id, "Bracket B", who="")
    assert drop(program.profiles_page, [file])
    qtbot.waitUntil(program.imports.sheet.isVisible)
    table = [label.text() for label in program.imports.sheet.findChildren(QLabel)]
    row = table.index("Must-find pictures")
    assert table[row + 1 : row + 3] == ["1", "1"]
    assert program.imports.sheet.cancel.hasFocus(), "going back is not what is recommended"
    QTest.mouseClick(program.imports.sheet.new, LEFT)
    settle(program, qtbot)
    assert {c.name for c in program.profiles.cards} == {"Bracket", "Bracket B"}
    details = program.profiles_page.details
    assert details.shown_id != profile.id


def test_opening_another_profile_ends_the_scoring_of_the_first(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, make_profile: MakeProfile
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    program.check_controller.score(tuple(PendingImage(p) for p in make_pictures(40, "unseen")))
    program.session.open_profile(make_profile("Cover"))
    settle(program, qtbot)
    assert program.results.rowCount() == 0
    assert not program.check_page.strip.isVisibleTo(program.check_page)


def test_tables_pictures_and_reports_are_written(
    start: Start, qtbot: QtBot, make_pictures: MakePictures, tmp_path: Path
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    program.check_controller.score(tuple(PendingImage(p) for p in make_pictures(3, "unseen")))
    settle(program, qtbot)
    program.check_controller.write_table(tmp_path / "t.csv")
    program.check_controller.write_overlays(tmp_path / "pictures")
    program.check_controller.write_report(tmp_path / "r.html")
    settle(program, qtbot)
    assert len((tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()) == 4
    assert len(list((tmp_path / "pictures").iterdir())) == 3
    assert "Bracket" in (tmp_path / "r.html").read_text(encoding="utf-8")
    assert program.window.status.text.text().startswith("The report is in")


def test_an_opened_product_is_learnt_again_as_it_was(
    start: Start, qtbot: QtBot, make_profile: MakeProfile
) -> None:
    program = start()
    settle(program, qtbot)
    accurate = PRESETS["accurate"].settings
    learnt = DETECTORS["patchcore"].check({"neighbours": 5})
    cover = replace(
        make_profile("Cover", normals=12),
        preprocessing=accurate.preprocessing,
        detector=DetectorChoice("patchcore", {**learnt, "bank": 1234}),
    )
    program.session.open_profile(cover)
    settle(program, qtbot)
    settings = program.teach_page.plan.settings
    assert settings.preprocessing == accurate.preprocessing
    assert settings.detector == DetectorChoice("patchcore", {"neighbours": 5})
    told = program.teach_page.banner.text.text()
    assert told.startswith("12 of the 12 images this product was learnt from are not where")
