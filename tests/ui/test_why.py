"""Why a part is NG, where false calls gather, and what drifted: as a person asks for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from deeprx_gui.app import CHECK, HISTORY, TEACH, Program
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.inspection import Decision, Health, InspectedPart
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.view import ShapeKind
from deeprx_gui.results.encode import encode_png
from deeprx_gui.results.records.recorder import Recorder
from tests.made_record import made_record
from tests.ui.plates import part, write
from tests.ui.test_limit_setters import Begin, learn, wait

LEFT = Qt.MouseButton.LeftButton


def smeared(seed: int, top: int, left: int) -> ByteImage:
    """A plate with a bright patch."""
    pixels = part(seed).copy()
    pixels[top : top + 12, left : left + 12] = 240
    return pixels


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "部品"
    write(root / "train", [part(n) for n in range(11)])
    write(root / "bad", [smeared(200, 72, 60)])
    return root


def judged(
    program: Program, profile: Profile, pictures: list[ByteImage], decision: Decision
) -> None:
    """Parts called NG, with their pictures, and what a person said of them."""
    store, folder = program.records.store(), program.records.folder
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    for number, pixels in enumerate(pictures):
        name = f"pictures/{decision}-{number}.png"
        (folder / name).write_bytes(encode_png(pixels))
        record = made_record(
            number,
            Verdict.NG,
            uid=f"{decision}-{number}",
            profile_id=profile.id,
            profile=profile.name,
            score=3 * profile.limits.ng,
            limits=profile.limits,
            picture=name,
            item="",
        )
        stored = store.add(record)
        store.decide(stored.number, decision, who="佐藤")


def drifting(program: Program, profile: Profile) -> None:
    """Three hundred good parts; after two hundred the lamp is 20 % darker."""
    recorder = Recorder(program.records.store())
    rng = np.random.default_rng(1)
    begin = datetime.now(UTC) - timedelta(days=3)
    for number in range(300):
        light = 0.8 if number >= 200 else 1.0
        health = Health(light * (1 + 0.01 * rng.normal()), 1 + 0.05 * rng.normal(), 0.0)
        record = made_record(
            number,
            Verdict.OK,
            uid=f"ok-{number}",
            when=begin + timedelta(minutes=10 * number),
            profile_id=profile.id,
            profile=profile.name,
            score=profile.limits.review * (0.6 + 0.05 * rng.normal()),
            limits=profile.limits,
        )
        recorder.record(InspectedPart(record, None, None, health))


def test_an_ng_is_explained_beside_the_closest_normal_parts(
    begin: Begin, qtbot: QtBot, folder: Path
) -> None:
    program = begin()
    learn(program, qtbot, folder)
    program.window.show_page(CHECK)
    page = program.check_page
    program.check_controller.score((PendingImage(folder / "bad" / "0.png", Label.BAD),))
    wait(program, qtbot)
    panel = page.picture
    qtbot.waitUntil(lambda: panel.frame_shown is not None)
    assert panel.why.isVisible()
    QTest.mouseClick(panel.why, LEFT)
    sheet = program.check_controller.why.sheet
    assert sheet is not None
    assert sheet.isVisible()
    qtbot.waitUntil(lambda: bool(sheet.cards), timeout=60_000)
    card = sheet.cards[0]
    assert abs(card.place.blob.peak_x - 66 / 96) < 0.12
    assert abs(card.place.blob.peak_y - 78 / 96) < 0.12
    assert len(card.pictures) == 4, "the part and the three closest normal parts"
    assert "texture" in card.words.text() or "shape" in card.words.text()
    total = sum(tap.squared for tap in card.place.taps)
    assert card.place.squared == pytest.approx(total, rel=1e-9)
    distances = [normal.distance for normal in card.place.normals]
    assert distances == sorted(distances)
    assert not any(normal.golden for normal in card.place.normals), "the files still lie there"
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()

    program.check_controller.score((PendingImage(folder / "train" / "0.png", Label.GOOD),))
    wait(program, qtbot)
    page.body.table.selectRow(1)
    qtbot.waitUntil(lambda: panel.item is not None and panel.item.path.parent.name == "train")
    qtbot.waitUntil(lambda: panel.frame_shown is not None)
    assert not panel.why.isVisible(), "an OK part has nothing to explain"


def test_an_area_of_false_calls_is_ignored_knowing_what_is_lost(
    begin: Begin, qtbot: QtBot, folder: Path
) -> None:
    program = begin()
    learn(program, qtbot, folder)
    profile = program.session.profile
    assert profile is not None
    judged(program, profile, [smeared(300 + n, 6, 8) for n in range(4)], Decision.OK)
    bad = [smeared(400, 72, 60), smeared(401, 7, 9)]
    judged(program, profile, bad, Decision.NG)
    drifting(program, profile)

    program.window.show_page(HISTORY)
    page, body = program.history_page, program.history_page.body
    body.filter_bar.show_everything()
    qtbot.waitUntil(body.gather.isVisible)
    qtbot.waitUntil(lambda: "20 %" in body.trend.drift.text(), timeout=60_000)
    assert "Brightness has fallen" in body.trend.drift.text()
    assert "lamp" in body.trend.drift.text()
    assert body.trend.measures.isVisible()

    body.gather.click()
    sheet = program._history.false_calls.sheet
    assert sheet is not None
    qtbot.waitUntil(sheet.report.isVisible, timeout=60_000)
    assert "4 of 4" in sheet.areas.button(0).text()
    assert "4 of these 4 false calls would have been OK" in sheet.words.text()
    assert "1 of 2 known bad parts would pass" in sheet.lost_words.text()
    QTest.mouseClick(sheet.ignore, LEFT)
    wait(program, qtbot)
    assert program.window.page == TEACH
    draft = program.teach_page.draft
    (area,) = draft.region.ignore
    assert area.kind is ShapeKind.RECTANGLE
    (left, top), (right, bottom) = area.points
    assert left < 14 / 96 < right
    assert top < 12 / 96 < bottom
    assert bottom < 0.75, "the other bad part lies below it"
    assert program.session.profile is profile, "nothing changes before one learns"
    assert "left out of the next revision" in program.window.status.text.text()
    program.window.status.button.click()
    assert draft.region.whole

    program.window.show_page(HISTORY)
    page.body.table.setFocus()
    page.body.table.selectRow(page.history.rowCount() - 1)
    qtbot.waitUntil(body.panel.why.isVisible, timeout=60_000)
    QTest.mouseClick(body.panel.why, LEFT)
    why = program.history_controller.why.sheet
    assert why is not None
    qtbot.waitUntil(lambda: bool(why.cards), timeout=60_000)
    why.close_sheet()
    program.session.open_profile(profile)

    def told() -> bool:
        texts = [str(trouble.message) for trouble in program.inspect_model.troubles]
        return any("Brightness has fallen" in text for text in texts)

    qtbot.waitUntil(told, timeout=60_000)
