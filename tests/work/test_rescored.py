"""A part scored again is compared in the unit in which it was recorded."""

from __future__ import annotations

import numpy as np

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.i18n import render
from deeprx_gui.work.rescore_record import compare_with_recorded
from tests.made_record import made_record


def test_both_figures_are_times_the_limit_it_was_judged_with() -> None:
    record = made_record(1, Verdict.NG, score=15.0, limits=Limits(10.0, 12.0))
    note, troubled = compare_with_recorded(record, Score(15.0, np.zeros((2, 2), np.float32), 1.0))
    assert not troubled
    assert "1.50 ×" in render(note)
    note, troubled = compare_with_recorded(record, Score(11.0, np.zeros((2, 2), np.float32), 1.0))
    assert troubled
    assert "1.10 × (REVIEW)" in render(note)
    assert "Recorded: 1.50 ×" in render(note)
