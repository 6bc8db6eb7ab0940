"""Learning from what cannot be learnt from, and learning that is stopped: nothing is saved."""

from __future__ import annotations

import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.capture.decode import decode, thumbnail
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import DeepRxError, FitError, RequestError, StorageError
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.profile import DetectorChoice, Preprocessing, Scoring
from deeprx_gui.domain.view import Region, Shape, ShapeKind, View
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.fit import fit
from tests.engine.test_spool import PLENTY, Usage
from tests.work.conftest import MakeParts
from tests.work.helpers import SETTINGS, drive, request_for, save


class Room:
    """Engines, store and scratch folder of one test, and what is left in them."""

    def __init__(self, engines: EnginePool, store: ProfileStore, scratch: Path) -> None:
        self.engines, self.store, self.scratch = engines, store, scratch

    def refuses(self, request: FitRequest, kind: type[DeepRxError], sentence: str) -> None:
        """Learning ends in this sentence, and leaves nothing behind."""
        job = fit(request, engines=self.engines, store=self.store, scratch=self.scratch)
        with pytest.raises(kind, match=sentence):
            drive(job)
        self.is_empty()

    def is_empty(self) -> None:
        """Nothing was saved and no temporary file stayed."""
        assert self.store.list() == ()
        assert not self.scratch.exists() or not list(self.scratch.iterdir())


@pytest.fixture
def room(engines: EnginePool, store: ProfileStore, scratch: Path) -> Room:
    return Room(engines, store, scratch)


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (0, "0 normal images are too few .* add 5 more"),
        (1, "1 normal image is too little .* add 4 more"),
        (4, "4 normal images are too few .* add 1 more"),
    ],
)
def test_too_few_images_says_how_many_more(
    room: Room, parts: MakeParts, count: int, sentence: str
) -> None:
    room.refuses(request_for(parts(count)), FitError, sentence)


def test_too_few_after_unreadable_ones_counts_both(
    room: Room, parts: MakeParts, tmp_path: Path
) -> None:
    broken = [tmp_path / f"broken {i}.png" for i in range(3)]
    for file in broken:
        file.write_text("no picture")
    sentence = "Only 3 of the pictures can be used, 3 could not be read.* add 2 more"
    room.refuses(request_for([*parts(3), *broken]), FitError, sentence)


def test_nothing_readable_at_all(room: Room, tmp_path: Path) -> None:
    gone = [tmp_path / f"gone {i}.png" for i in range(6)]
    room.refuses(request_for(gone), FitError, "Only 0 of .* 6 could not be read.* add 5 more")


@pytest.mark.parametrize("greys", [[0] * 6, [255] * 6, [0, 40, 80, 120, 160, 200]])
def test_pictures_of_one_colour_point_at_the_camera(
    room: Room, tmp_path: Path, greys: list[int]
) -> None:
    files = [
        save(tmp_path / f"{i}.png", np.full((64, 64, 3), grey, np.uint8))
        for i, grey in enumerate(greys)
    ]
    room.refuses(request_for(files), FitError, "no structure at all.*Check the camera and the lamp")


def test_unreadable_files_in_the_middle_are_left_out_and_named(
    room: Room, parts: MakeParts, tmp_path: Path
) -> None:
    good = parts(7)
    text, half = tmp_path / "text.png", tmp_path / "half.png"
    text.write_text("no picture")
    half.write_bytes(good[0].read_bytes()[:300])
    files = [*good[:2], text, *good[2:5], half, tmp_path / "gone.png", *good[5:]]
    told, outcome = drive(
        fit(request_for(files), engines=room.engines, store=room.store, scratch=room.scratch)
    )
    assert [s.path for s in outcome.skipped] == [text, half, tmp_path / "gone.png"]
    assert all(str(s.reason) for s in outcome.skipped)
    assert [n.source for n in outcome.profile.normals] == [str(f) for f in good]
    assert all(n.held_out is not None for n in outcome.profile.normals)
    assert [p.item for p in told if p.item is not None] == files  # every file is accounted for
    assert told[-2].done == told[-2].total  # and the bar still reaches its end


@pytest.mark.parametrize(
    ("settings", "kind", "sentence"),
    [
        (replace(SETTINGS, preprocessing=Preprocessing(31)), FitError, "32 and 4096"),
        (replace(SETTINGS, preprocessing=Preprocessing(4097)), FitError, "32 and 4096"),
        (replace(SETTINGS, scoring=Scoring(min_area=0)), FitError, "between 1 and 10000"),
        (
            replace(SETTINGS, view=View(Region((Shape(ShapeKind.POLYGON, ((0, 0), (1, 1))),)))),
            FitError,
            "cannot be used",
        ),
        (replace(SETTINGS, scoring=Scoring(reduce="median")), FitError, "max.*top1"),
        (replace(SETTINGS, scoring=Scoring(sigma=-1)), FitError, "smoothing"),
        (replace(SETTINGS, scoring=Scoring(sigma=float("nan"))), FitError, "smoothing"),
        (replace(SETTINGS, false_call_rate=0.0), FitError, "false-call rate"),
        (replace(SETTINGS, review_rate=1.0), FitError, "rate"),
        (replace(SETTINGS, taps=()), RequestError, "Choose from"),
        (replace(SETTINGS, taps=(8, 64)), RequestError, "Choose from"),
        (replace(SETTINGS, backbone="resnet1800"), RequestError, "Choose one of"),
        (replace(SETTINGS, detector=DetectorChoice("deep-sea")), RequestError, "Choose one of"),
        (
            replace(SETTINGS, detector=DetectorChoice("deep-rx", {"shrinkage": 0})),
            RequestError,
            "shrinkage",
        ),
    ],
)
def test_impossible_settings_are_told_before_a_picture_is_read(
    room: Room,
    tmp_path: Path,
    settings: FitSettings,
    kind: type[DeepRxError],
    sentence: str,
) -> None:
    nowhere = [tmp_path / f"{i}.png" for i in range(6)]
    room.refuses(request_for(nowhere, settings=settings), kind, sentence)


def test_a_full_disk_while_learning_is_a_sentence(
    room: Room, parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter([PLENTY] * 3)
    monkeypatch.setattr(shutil, "disk_usage", lambda _f: Usage(PLENTY, PLENTY, next(left, 0)))
    room.refuses(request_for(parts(6)), StorageError, "Free some space")


def test_a_picture_taken_away_while_learning_is_a_sentence(room: Room, parts: MakeParts) -> None:
    files = parts(6)
    job = fit(request_for(files), engines=room.engines, store=room.store, scratch=room.scratch)
    while not str(next(job).note).startswith("Scoring every normal image"):
        pass
    for file in files:
        file.unlink()
    with pytest.raises(DeepRxError, match="png"):
        drive(job)
    room.is_empty()


def test_a_profile_that_is_gone_cannot_be_taught(room: Room, parts: MakeParts) -> None:
    room.refuses(request_for(parts(6), profile_id="nobody"), DeepRxError, "nobody")


@pytest.mark.parametrize("after", ["Getting ready", "Reading", "Scoring", "Saving"])
def test_cancelling_at_any_moment_saves_nothing(room: Room, parts: MakeParts, after: str) -> None:
    job = fit(request_for(parts(8)), engines=room.engines, store=room.store, scratch=room.scratch)
    while not str(next(job).note).startswith(after):
        pass
    job.close()
    room.is_empty()


def test_cancelling_stops_within_one_picture(
    room: Room, parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[Path] = Counter()

    def counted(path: Path) -> Frame:
        read[path] += 1
        return decode(path)

    monkeypatch.setattr("deeprx_gui.work.frame_reader.decode", counted)
    job = fit(request_for(parts(40)), engines=room.engines, store=room.store, scratch=room.scratch)
    reading = 0
    while reading < 3:  # loading and looking for parts, then three pictures
        reading += str(next(job).note).startswith("Reading")
    job.close()
    assert 3 <= len(read) <= 3 + 3  # what was being read ahead, and not one more


def test_cancelling_while_parts_are_looked_for_stops_within_one_picture(
    room: Room, parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Counter[Path] = Counter()

    def counted(path: Path, side: int) -> ByteImage:
        read[path] += 1
        return thumbnail(path, side)

    monkeypatch.setattr("deeprx_gui.work.find_parts.thumbnail", counted)
    job = fit(request_for(parts(40)), engines=room.engines, store=room.store, scratch=room.scratch)
    for _ in range(4):  # loading, then three pictures
        next(job)
    job.close()
    assert 3 <= len(read) <= 3 + 3
    room.is_empty()


def test_cancelling_keeps_the_revision_that_was_there(room: Room, parts: MakeParts) -> None:
    files = parts(6)
    request = request_for(files)
    _, first = drive(fit(request, engines=room.engines, store=room.store, scratch=room.scratch))
    again = replace(request, profile_id=first.profile.id)
    job = fit(again, engines=room.engines, store=room.store, scratch=room.scratch)
    for _ in range(5):
        next(job)
    job.close()
    assert room.store.load("Plate").revision == 1
