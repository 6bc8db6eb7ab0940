"""Comparing detectors on one's own pictures: rows, forecasts, what is not started, one sentence."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from types import SimpleNamespace

import pytest

from deeprx_gui.domain.compare import Combination, CompareOutcome, CompareRequest, CompareRow
from deeprx_gui.domain.errors import FitError, RequestError
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.metrics import confusion
from deeprx_gui.domain.scored import Label, PendingImage
from deeprx_gui.domain.verdict import judge
from deeprx_gui.domain.view import Region, Shape, ShapeKind, View
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.i18n import render
from deeprx_gui.work import compare as module
from deeprx_gui.work.compare import _share_above, _share_missed, compare, settings_of
from deeprx_gui.work.recommend import recommend
from tests.engine.parts import part
from tests.work.helpers import SETTINGS, drive, save

BOTH = (
    Combination("deep-rx", "efficientnet-lite0"),
    Combination("deep-rx-local", "efficientnet-lite0"),
)


@pytest.fixture
def request_of(tmp_path: Path) -> CompareRequest:
    normals = tuple(save(tmp_path / f"n{i}.png", part(i)) for i in range(8))
    good = [PendingImage(save(tmp_path / f"g{i}.png", part(50 + i)), Label.GOOD) for i in range(3)]
    bad = []
    for i in range(3):
        pixels = part(80 + i).copy()
        pixels[20:40, 20:40] = 255 - pixels[20:40, 20:40]
        bad.append(PendingImage(save(tmp_path / f"b{i}.png", pixels), Label.BAD))
    return CompareRequest(normals, (*good, *bad), BOTH, SETTINGS)


def run(request: CompareRequest, engines: EnginePool, tmp_path: Path) -> CompareOutcome:
    return drive(compare(request, engines=engines, scratch=tmp_path / "scratch"))[1]


def test_each_combination_is_measured_and_one_is_recommended(
    request_of: CompareRequest, engines: EnginePool, tmp_path: Path
) -> None:
    told, outcome = drive(compare(request_of, engines=engines, scratch=tmp_path / "scratch"))
    assert [(r.detector, r.backbone) for r in outcome.rows] == [
        (c.detector, c.backbone) for c in BOTH
    ]
    for row in outcome.rows:
        assert row.measured
        assert row.auroc is not None
        assert row.auroc > 0.9
        assert 0 <= row.false_call_rate <= 1
        assert row.miss_rate is not None
        assert row.promised_false_call_rate == pytest.approx(1 / 9)
        assert row.ms_per_image > 0
        assert row.file_mb > 0
        assert row.peak_mb > 50
        assert row.predicted_seconds > 0
        assert 0.75 < row.predicted_mb / row.peak_mb < 1.25
    assert outcome.recommended in {0, 1}
    assert "Take deep-rx" in render(outcome.why)
    assert [p.item for p in told if p.item is not None] == list(outcome.rows)
    assert told[-1].done == told[-1].total == 2
    assert not list((tmp_path / "scratch").iterdir())


def test_without_bad_parts_nobody_can_say_but_everything_else_is_told(
    request_of: CompareRequest, engines: EnginePool, tmp_path: Path
) -> None:
    alone = dataclasses.replace(request_of, labelled=(), combinations=BOTH[:1])
    outcome = run(alone, engines, tmp_path)
    (row,) = outcome.rows
    assert (row.auroc, row.miss_rate) == (None, None)
    assert row.ms_per_image > 0
    assert outcome.recommended is None
    assert "Add a few" in render(outcome.why)


def test_no_room_for_planted_defects_leaves_the_question_open(
    request_of: CompareRequest, engines: EnginePool, tmp_path: Path
) -> None:
    thin = Region((Shape(ShapeKind.RECTANGLE, ((0.1, 0.1), (0.9, 0.115))),))
    settings = dataclasses.replace(SETTINGS, view=View(thin))
    alone = dataclasses.replace(request_of, labelled=(), combinations=BOTH[:1], settings=settings)
    outcome = run(alone, engines, tmp_path)
    assert outcome.rows[0].measured
    assert outcome.recommended is None
    assert "Add a few" in render(outcome.why)


def test_what_does_not_fit_into_memory_is_not_started(
    request_of: CompareRequest, engines: EnginePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=1))

    def never(*_: object, **__: object) -> None:
        raise AssertionError("it was started")

    monkeypatch.setattr(module, "fit", never)
    row = run(dataclasses.replace(request_of, combinations=BOTH[:1]), engines, tmp_path).rows[0]
    assert row.not_started is not None
    assert "0 MB are free" in render(row.not_started)
    assert row.predicted_mb > 50


def test_a_backbone_that_is_not_installed_does_not_stop_the_others(
    request_of: CompareRequest, engines: EnginePool, tmp_path: Path
) -> None:
    mixed = (Combination("deep-rx", "vgg16"), BOTH[0])
    outcome = run(dataclasses.replace(request_of, combinations=mixed), engines, tmp_path)
    missing, measured = outcome.rows
    assert missing.not_started is not None
    assert "not installed" in render(missing.not_started)
    assert measured.measured
    assert outcome.recommended == 1


def test_a_network_that_each_fit_teaches_is_left_out_and_the_row_says_why(
    request_of: CompareRequest, engines: EnginePool, tmp_path: Path
) -> None:
    own = dataclasses.replace(request_of, combinations=(Combination("padim", "autoencoder"),))
    (row,) = run(own, engines, tmp_path).rows
    assert not row.measured
    assert row.not_started is not None
    assert "taught anew by every fit" in render(row.not_started)


def test_impossible_requests_are_refused_before_any_work(
    request_of: CompareRequest, engines: EnginePool, tmp_path: Path
) -> None:
    for wrong in ((), (Combination("eye", "efficientnet-lite0"),), (Combination("rx", "eye"),)):
        with pytest.raises(RequestError):
            run(dataclasses.replace(request_of, combinations=wrong), engines, tmp_path)
    with pytest.raises(FitError, match="more"):
        run(dataclasses.replace(request_of, normals=request_of.normals[:2]), engines, tmp_path)


def test_settings_belong_to_their_detector() -> None:
    own = dataclasses.replace(
        SETTINGS, detector=dataclasses.replace(SETTINGS.detector, settings={"squared": True})
    )
    request = CompareRequest((), (), BOTH, own)
    assert settings_of(request, BOTH[0]).detector.settings == {"squared": True}
    assert settings_of(request, BOTH[1]).detector.settings == {}


def made(auroc: float | None, miss: float | None, ms: float, *, place: bool = False) -> CompareRow:
    return CompareRow(
        "padim", "resnet18", 0.0, 0.02, miss, auroc, ms, 1, 1, 1, 1, 1, place, not_started=None,
        missed_rate=miss,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([made(0.9, 0.1, 1), made(0.95, 0.2, 9)], 1),
        ([made(0.95, 0.2, 1), made(0.949, 0.1, 9)], 1),
        ([made(0.95, 0.2, 5), made(0.955, 0.2, 3)], 1),
        ([made(None, None, 1)], None),
        ([], None),
    ],
)
def test_the_better_one_is_recommended(rows: list[CompareRow], expected: int | None) -> None:
    chosen, why = recommend(rows)
    assert chosen == expected
    assert render(why)


def test_the_recommendation_says_when_parts_must_lie_still() -> None:
    assert "same place" in render(recommend([made(0.9, 0.1, 1, place=True)])[1])
    assert "same place" not in render(recommend([made(0.9, 0.1, 1)])[1])


def test_missed_is_judged_ok_and_not_merely_below_the_ng_limit() -> None:
    limits = Limits(review=10.0, ng=12.0)
    assert _share_missed([9.0, 11.0, 13.0, 14.0], limits) == 0.25
    assert 1 - _share_above([9.0, 11.0, 13.0, 14.0], limits) == 0.5
    judged = [judge(score, limits) for score in (9.0, 11.0, 13.0, 14.0)]
    counted = confusion(judged, [Label.BAD] * 4)
    assert counted.misses / counted.count(Label.BAD) == 0.25, "as the page Check counts"
