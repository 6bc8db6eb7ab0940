"""The doctor names who does not belong, look-alikes too, and says what it cannot know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.doctor import Diagnosis, Reason, Sureness, verdict_on_set
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.parts import PartRule
from deeprx_gui.domain.profile import NormalImage, Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.work.doctor import diagnose, doctor_settings, learnt_findings
from deeprx_gui.work.doctor_pictures import doctor_pictures
from deeprx_gui.work.limit_pictures import LimitPicture
from tests.made_profile import made_profile
from tests.ui.plates import part
from tests.work.helpers import drive, save

SMALL = replace(
    doctor_settings(PartRule()),
    preprocessing=replace(doctor_settings(PartRule()).preprocessing, size=96),
)


def sheared(pixels: ByteImage) -> ByteImage:
    """A picture whose file was read with the wrong row length."""
    rows = [np.roll(row, 7 * n, axis=0) for n, row in enumerate(pixels)]
    return np.ascontiguousarray(np.stack(rows))


def examined(
    folder: Path, pictures: Sequence[ByteImage | bytes], engines: EnginePool
) -> tuple[list[Progress], Diagnosis]:
    files = []
    for number, pixels in enumerate(pictures):
        file = folder / f"{number:02}.png"
        if isinstance(pixels, bytes):
            file.write_bytes(pixels)
        else:
            save(file, pixels)
        files.append(file)
    return drive(diagnose(files, SMALL, engines=engines, scratch=folder / "scratch"))


def accused(diagnosis: Diagnosis) -> list[str]:
    return sorted(each.path.stem for each in diagnosis.accused)


def test_five_bad_ones_among_26_are_named_though_they_are_alike(
    tmp_path: Path, engines: EnginePool
) -> None:
    told, found = examined(tmp_path, [part(n, scratched=n >= 21) for n in range(26)], engines)
    assert accused(found) == ["21", "22", "23", "24", "25"]
    assert {each.alike for each in found.accused} == {1}
    assert all(each.findings[0].sureness is Sureness.SURE for each in found.accused)
    assert str(verdict_on_set(found)) == "5 of 26 pictures should be looked at."
    assert told[-1].seconds_left is not None
    notes = {str(progress.note) for progress in told}
    assert {"Reading the pictures", "Comparing every picture with the others"} <= notes


def test_four_misread_files_among_16_do_not_vouch_for_each_other(
    tmp_path: Path, engines: EnginePool
) -> None:
    pictures = [sheared(part(n)) if n >= 12 else part(n) for n in range(16)]
    _, found = examined(tmp_path, pictures, engines)
    assert accused(found) == ["12", "13", "14", "15"]
    assert {each.findings[0].reason for each in found.accused} == {Reason.OTHER}


def test_nobody_is_accused_in_a_clean_set_and_the_most_unlike_are_shown_as_ordinary(
    tmp_path: Path, engines: EnginePool
) -> None:
    _, found = examined(tmp_path, [part(n) for n in range(20)], engines)
    assert accused(found) == []
    assert "Nothing stands out in 20 pictures." in str(verdict_on_set(found))
    assert 0 < len(found.named) <= 5
    assert {each.findings[0].reason for each in found.named} == {Reason.LOOK}
    shown = [p.item for p in drive(doctor_pictures(found.named))[0]]
    assert all(isinstance(each, LimitPicture) and each.pixels is not None for each in shown)


def test_of_five_pictures_it_says_what_cannot_be_known(tmp_path: Path, engines: EnginePool) -> None:
    _, found = examined(tmp_path, [*(part(n) for n in range(4)), part(2)], engines)
    assert "at least 8 are needed" in str(found.remarks[0])
    assert accused(found) == ["04"]
    assert found.named[0].findings[0].reason is Reason.COPY


def test_all_alike_all_different_all_empty_all_unreadable_each_get_a_sentence(
    tmp_path: Path, engines: EnginePool
) -> None:
    rng = np.random.default_rng(0)
    sides = [(int(h), int(w)) for h, w in rng.integers(40, 120, (10, 2))]
    cases: dict[str, tuple[Sequence[ByteImage | bytes], str, set[Reason]]] = {
        "alike": ([part(n) for n in range(9)], "as little as several shots of one part", set()),
        "different": (
            [rng.integers(0, 255, (h, w, 3), np.uint8) for h, w in sides],
            "10 different sizes",
            set(),
        ),
        "empty": (
            [np.full((40, 40, 3), 90 + n, np.uint8) for n in range(9)],
            "Every picture shows one colour only.",
            {Reason.FLAT},
        ),
        "unreadable": (
            [b"no picture"] * 9,
            "None of the pictures can be read.",
            {Reason.UNREADABLE},
        ),
    }
    for name, (pictures, sentence, reasons) in cases.items():
        folder = tmp_path / name
        folder.mkdir()
        _, found = examined(folder, pictures, engines)
        assert sentence in " ".join(map(str, found.remarks)), name
        assert {f.reason for each in found.accused for f in each.findings} == reasons, name


def test_nothing_at_all_and_stopping_half_way(tmp_path: Path, engines: EnginePool) -> None:
    _, found = drive(diagnose([], SMALL, engines=engines, scratch=tmp_path))
    assert found.named == ()
    files = [save(tmp_path / f"{n}.png", part(n)) for n in range(4)]
    job = diagnose(files, SMALL, engines=engines, scratch=tmp_path)
    next(job)
    next(job)
    job.close()  # as a person stops it


@pytest.fixture
def learnt() -> Profile:
    """Learnt from thirty pictures; four of them lie far out together."""
    rng = np.random.default_rng(0)
    scores = [*rng.gumbel(10, 0.5, 26), 30.0, 30.2, 30.1, 30.4]
    normals = tuple(NormalImage(f"/parts/{n}.png", float(s)) for n, s in enumerate(scores))
    return made_profile("Plate", limits=Limits(12.0, 14.0), normals=normals)


def test_after_a_fit_its_own_scores_name_pictures_too(learnt: Profile) -> None:
    paths = frozenset(Path(normal.source) for normal in learnt.normals)
    found = learnt_findings(learnt, paths)
    assert [each.path.stem for each in found] == ["26", "27", "28", "29"]
    assert all(each.reason is Reason.LEARNT and each.accuses for each in found)
    assert "2.50 × limit" in str(found[0].words)
    assert learnt_findings(learnt, paths - {Path("/parts/27.png")}) != found
