"""The smaller jobs: thumbnails, pictures for the screen, overlays, report, demonstration."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.capture.dataset import Dataset, LabelledImage
from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Label, PendingImage, ScoredImage
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work import demo
from deeprx_gui.work.batch import score_images
from deeprx_gui.work.demo import demo_job
from deeprx_gui.work.frame_reader import read_frames_ahead
from deeprx_gui.work.memory_watch import peak_rss_mb
from deeprx_gui.work.overlays import export_overlays
from deeprx_gui.work.report import write_batch_report
from deeprx_gui.work.thumbnails import Thumbnail, load_picture, thumbnails
from tests.engine.parts import part, with_scratch
from tests.work.helpers import drive, save, save_parts

Learnt = tuple[Profile, Sequence[Path]]


def test_thumbnails_come_one_by_one_and_broken_files_say_why(tmp_path: Path) -> None:
    (good,) = save_parts(tmp_path, 1, height=300, width=150)
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    told, _ = drive(thumbnails([good, bad], side=40))
    first, second = (p.item for p in told)
    assert isinstance(first, Thumbnail)
    assert isinstance(second, Thumbnail)
    assert first.pixels is not None
    assert first.pixels.shape == (40, 20, 3)
    assert (second.pixels, second.path) == (None, bad)
    assert str(second.error)
    assert [(p.done, p.total) for p in told] == [(1, 2), (2, 2)]


def test_a_picture_for_the_screen_comes_in_full(tmp_path: Path) -> None:
    (file,) = save_parts(tmp_path, 1, height=300, width=150)
    _, frame = drive(load_picture(file))
    assert np.array_equal(frame.pixels, part(0, 300, 150))
    with pytest.raises(ImageError):
        drive(load_picture(tmp_path / "gone.png"))


def test_frames_come_in_order_with_errors_in_their_place(tmp_path: Path) -> None:
    files = save_parts(tmp_path, 5)
    files[2].write_text("no picture")
    found = list(read_frames_ahead(files))
    assert [path for path, _ in found] == files
    assert [isinstance(frame, ImageError) for _, frame in found] == [False] * 2 + [True] + [
        False
    ] * 2


def test_reading_ahead_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def noted(path: Path) -> Frame:
        read.append(path)
        return decode(path)

    monkeypatch.setattr("deeprx_gui.work.frame_reader.decode", noted)
    stream = read_frames_ahead(save_parts(tmp_path, 20))
    for taken in range(1, 6):
        next(stream)
        assert len(read) <= taken + 3
    stream.close()
    assert not [t for t in threading.enumerate() if t.name.startswith("decode")]
    assert len(read) <= 8


def test_no_files_are_no_frames() -> None:
    assert list(read_frames_ahead([])) == []


def scored(learnt: Learnt, engines: EnginePool, folder: Path) -> list[ScoredImage]:
    good = save_parts(folder, 1, first=70)
    bad = save(folder / "傷.png", with_scratch(part(71, 64, 64), 20, 20))
    text = folder / "text.png"
    text.write_text("no picture")
    items = [
        *(PendingImage(f, Label.GOOD) for f in good),
        PendingImage(bad, Label.BAD),
        PendingImage(text),
    ]
    told, _ = drive(score_images(learnt[0], items, engines=engines))
    return [p.item for p in told if isinstance(p.item, ScoredImage)]


def test_overlays_are_written_and_what_cannot_be_is_named(
    learnt: Learnt, engines: EnginePool, tmp_path: Path
) -> None:
    results = scored(learnt, engines, tmp_path)
    results[0].path.unlink()  # gone since it was scored
    folder = tmp_path / "overlays"
    told, outcome = drive(export_overlays(folder, learnt[0], results, learnt[0].limits))
    assert outcome.written == 1
    assert len(list(folder.iterdir())) == 1
    assert {s.path.name for s in outcome.skipped} == {"text.png", "070.png"}
    assert all(str(s.reason) for s in outcome.skipped)
    assert (told[-1].done, told[-1].total) == (3, 3)


def test_the_report_is_one_file(learnt: Learnt, engines: EnginePool, tmp_path: Path) -> None:
    results = scored(learnt, engines, tmp_path)
    file = tmp_path / "報告.html"
    _, written = drive(write_batch_report(file, learnt[0], results, learnt[0].limits, "torch-cpu"))
    assert written == file
    text = file.read_text(encoding="utf-8")
    assert "傷.png" in text
    assert "<script src" not in text


@pytest.mark.usefixtures("one_setting")
def test_the_demonstration_learns_scores_and_can_be_repeated(
    engines: EnginePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    normals = save_parts(tmp_path, 8)
    bad = save(tmp_path / "bad.png", with_scratch(part(71, 64, 64), 20, 20))
    test = (
        LabelledImage(save_parts(tmp_path, 1, first=60)[0], "good", bad=False),
        LabelledImage(bad, "defective", bad=True),
    )
    monkeypatch.setattr(demo, "sample_dataset", lambda *_: Dataset("cells", tuple(normals), test))
    store = ProfileStore(tmp_path / "p")

    def run() -> demo.DemoOutcome:
        job = demo_job(
            "Demo",
            who="demo",
            engines=engines,
            store=store,
            scratch=tmp_path / "s",
            samples=tmp_path / "d",
        )
        return drive(job)[1]

    first, second = run(), run()
    assert [r.label for r in first.results] == [Label.GOOD, Label.BAD]
    assert first.results[1].value > first.results[0].value
    assert (first.profile.id, first.profile.revision) == (second.profile.id, 1)
    assert second.profile.revision == 2
    assert [r.value for r in first.results] == [r.value for r in second.results]


def test_the_peak_of_the_memory_is_plausible_and_never_falls() -> None:
    before = peak_rss_mb()
    block = np.ones(30_000_000, np.uint8)
    after = peak_rss_mb()
    assert 20 < before <= after < 100_000
    assert block.any()
