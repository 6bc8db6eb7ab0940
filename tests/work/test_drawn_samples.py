"""Sample parts for a program that may not ship pictures: drawn, always the same."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.capture.decode import decode
from deeprx_gui.work import demo
from deeprx_gui.work.drawn_samples import DEFECTS, SIDE, draw_part, drawn_dataset


def test_they_are_drawn_once_and_always_the_same(tmp_path: Path) -> None:
    first = drawn_dataset(tmp_path / "見本", 3, 2, 4)
    assert (len(first.train), len(first.test_good), len(first.test_bad)) == (3, 2, 4)
    assert {Path(t.path).stem.rsplit("-", 1)[0] for t in first.test if t.bad} == set(DEFECTS)
    written = first.train[0].stat().st_mtime_ns
    assert drawn_dataset(tmp_path / "見本", 3, 2, 4) == first
    assert first.train[0].stat().st_mtime_ns == written
    first.train[1].unlink()
    drawn_dataset(tmp_path / "見本", 3, 2, 4)
    assert np.array_equal(decode(first.train[1]).pixels, draw_part(1))


@pytest.mark.parametrize("defect", sorted(DEFECTS))
def test_a_defect_is_small_and_seen(defect: str) -> None:
    good, bad = draw_part(7), draw_part(7, defect)
    assert good.shape == (SIDE, SIDE, 3)
    changed = np.abs(good.astype(int) - bad.astype(int)).max(axis=2) > 12
    assert 20 < changed.sum() < 0.02 * changed.size


def test_without_the_package_the_samples_are_drawn_and_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "has_samples", lambda: False)
    monkeypatch.setattr(demo, "NORMALS", 2)
    monkeypatch.setattr(demo, "UNSEEN_GOOD", 1)
    monkeypatch.setattr(demo, "UNSEEN_BAD", 1)
    assert demo.sample_parts(tmp_path).name == "drawn-parts"
    assert str(demo.sample_title()) == "Drawn parts (sample)"
    assert "drawn" in str(demo.sample_note())
