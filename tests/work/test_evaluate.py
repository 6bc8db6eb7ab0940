"""Measuring a detector: exactly the figures that were promised, computed as defined."""

from __future__ import annotations

import shutil
from dataclasses import asdict, replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from deeprx_gui.capture.dataset import Dataset, read_dataset
from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.arrays import Bools, Float32, Ints
from deeprx_gui.domain.errors import FitError, RequestError
from deeprx_gui.domain.fit import SkippedImage
from deeprx_gui.domain.limits import suggest_limits
from deeprx_gui.domain.message import Message
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.resample import label_regions, resize_map
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.check_masks import MaskRemarks, check_masks
from deeprx_gui.work.evaluate import Evaluation, evaluate, pick_normals
from deeprx_gui.work.fit import fit
from tests.domain.test_metrics import exact_pixel_auroc, naive_pro
from tests.engine.parts import part, with_scratch
from tests.work.helpers import SETTINGS, drive, request_for, save, save_parts

KEYS = [
    *("detector", "backbone", "runtime", "size", "normals", "test_good", "test_bad"),
    *("image_auroc", "pixel_auroc", "aupro", "limit", "promised_false_call_rate"),
    *("false_call_rate", "miss_rate", "fit_seconds", "ms_per_image", "peak_rss_mb"),
]


SCRATCHES = [(10, 10), (40, 8), (24, 40), (50, 50)]
"""Top and left of each; nobody drew a mask for the last one."""


def mask_of(top: int, left: int, size: int = 10) -> Bools:
    mask = np.zeros((64, 64), np.bool_)
    mask[top : top + size, left : left + size] = True
    return mask


def save_mask(path: Path, mask: Bools) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(cv2.imencode(".png", mask.astype(np.uint8) * 255)[1].tobytes())


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set in the MVTec AD layout: 10 to learn, 5 good, 4 scratched (one without mask)."""
    root = tmp_path_factory.mktemp("plates")
    for name in ("train/good", "test/good", "test/scratch"):
        (root / name).mkdir(parents=True)
    save_parts(root / "train/good", 10)
    save_parts(root / "test/good", 5, first=30)
    for i, (top, left) in enumerate(SCRATCHES):
        pixels = with_scratch(part(40 + i, 64, 64), top, left)
        save(root / f"test/scratch/{i:03}.png", pixels)
        if i < 3:
            mask = mask_of(top, left)
            save_mask(root / f"ground_truth/scratch/{i:03}_mask.png", mask)
    return root


@pytest.fixture(scope="module")
def dataset(root: Path) -> Dataset:
    return read_dataset(root)


@pytest.fixture(scope="module")
def result(dataset: Dataset, engines: EnginePool, root: Path) -> Evaluation:
    return run(dataset, engines, root)


@pytest.fixture(scope="module")
def scorer(dataset: Dataset, engines: EnginePool, root: Path) -> Scorer:
    """The same fit, through a saved profile: the other way to the same scores."""
    request = request_for(dataset.train)
    store = ProfileStore(root.parent / f"{root.name} profiles")
    _, outcome = drive(fit(request, engines=engines, store=store, scratch=root.parent / "s"))
    return engines.for_profile(outcome.profile)


def run(dataset: Dataset, engines: EnginePool, root: Path, **options: int) -> Evaluation:
    scratch = root.parent / "scratch"
    return drive(evaluate(dataset, SETTINGS, engines=engines, scratch=scratch, **options))[1]


def scores(scorer: Scorer, dataset: Dataset, *, bad: bool) -> list[float]:
    return [scorer.score(decode(t.path)).value for t in dataset.test if t.bad is bad]


def test_the_keys_are_exactly_those_of_the_command_line(result: Evaluation) -> None:
    assert list(asdict(result)) == [
        *KEYS,
        "not_in_place",
        "limit_kind",
        "normalise",
        "chosen",
        "parts",
    ]
    assert list(result.ms_per_image) == ["p50", "p95"]


def test_what_was_measured(result: Evaluation) -> None:
    assert (result.detector, result.backbone) == ("deep-rx", "efficientnet-lite0")
    assert (result.runtime, result.size) == ("torch-cpu", 64)
    assert (result.normals, result.test_good, result.test_bad) == (10, 5, 4)
    assert result.fit_seconds > 0
    assert 0 < result.ms_per_image["p50"] <= result.ms_per_image["p95"]
    assert 50 < result.peak_rss_mb < 20_000


def test_image_figures_equal_those_of_the_profile(
    result: Evaluation, dataset: Dataset, scorer: Scorer
) -> None:
    good, bad = (scores(scorer, dataset, bad=b) for b in (False, True))
    labels = [0] * len(good) + [1] * len(bad)
    assert result.image_auroc == pytest.approx(roc_auc_score(labels, good + bad), abs=1e-6)
    assert result.false_call_rate == pytest.approx(np.mean(np.array(good) > result.limit), abs=1e-6)
    assert result.miss_rate == pytest.approx(np.mean(np.array(bad) <= result.limit), abs=1e-6)


def test_the_limit_is_the_promised_one(
    result: Evaluation, dataset: Dataset, engines: EnginePool, tmp_path: Path
) -> None:
    job = fit(
        request_for(dataset.train), engines=engines, store=ProfileStore(tmp_path), scratch=tmp_path
    )
    held_out = drive(job)[1].profile.held_out_scores
    limits = suggest_limits(held_out, false_call_rate=SETTINGS.false_call_rate)
    assert result.limit == limits.ng  # to the last bit
    assert result.promised_false_call_rate == pytest.approx(1 / 11, abs=1e-6)


def test_pixel_figures_equal_their_definitions(
    result: Evaluation, dataset: Dataset, scorer: Scorer, root: Path
) -> None:
    found: list[tuple[Float32, Ints]] = []
    for item in dataset.test:
        if item.bad and item.mask is None:
            continue  # nobody knows which of its pixels are bad
        score_map = resize_map(scorer.score(decode(item.path)).map, 64, 64)
        mask: Bools = np.zeros((64, 64), np.bool_)
        if item.mask is not None:
            mask = mask_of(*SCRATCHES[int(item.path.stem)])
        found.append((score_map, label_regions(mask)))
    assert len(found) == 8
    assert result.pixel_auroc == pytest.approx(exact_pixel_auroc(found), abs=2e-4)
    assert result.aupro == pytest.approx(naive_pro(found, 0.3, most=400), abs=5e-3)


def test_running_again_gives_the_same_figures(
    result: Evaluation, dataset: Dataset, engines: EnginePool, root: Path
) -> None:
    changing = {"fit_seconds", "ms_per_image", "peak_rss_mb"}
    first, again = asdict(result), asdict(run(dataset, engines, root))
    assert {k: v for k, v in first.items() if k not in changing} == {
        k: v for k, v in again.items() if k not in changing
    }


def test_without_masks_the_pixel_figures_are_null(
    dataset: Dataset, engines: EnginePool, root: Path
) -> None:
    unmasked = replace(dataset, test=tuple(replace(t, mask=None) for t in dataset.test))
    found = run(unmasked, engines, root)
    assert (found.pixel_auroc, found.aupro) == (None, None)
    assert found.image_auroc is not None


def test_one_kind_of_test_pictures_alone_gives_what_it_can(
    dataset: Dataset, engines: EnginePool, root: Path
) -> None:
    only_bad = run(replace(dataset, test=dataset.test_bad), engines, root)
    assert (only_bad.image_auroc, only_bad.false_call_rate) == (None, None)
    assert only_bad.miss_rate is not None
    only_good = run(replace(dataset, test=dataset.test_good), engines, root)
    assert (only_good.miss_rate, only_good.pixel_auroc, only_good.aupro) == (None, None, None)
    assert only_good.false_call_rate is not None


def test_seeds_choose_normal_images_reproducibly(dataset: Dataset) -> None:
    chosen = [pick_normals(dataset, 6, seed) for seed in (0, 0, 1, 2)]
    assert chosen[0] == chosen[1]
    assert len(set(chosen)) == 3
    for files in chosen:
        assert list(files) == [f for f in dataset.train if f in files]
        assert len(set(files)) == 6
    for enough in (None, 10, 999):
        assert pick_normals(dataset, enough, 5) == dataset.train


def test_fewer_normal_images_are_used_and_counted(
    dataset: Dataset, engines: EnginePool, root: Path
) -> None:
    found = run(dataset, engines, root, normals=6, seed=3)
    assert found.normals == 6
    assert found.promised_false_call_rate == pytest.approx(1 / 7, abs=1e-6)
    with pytest.raises(FitError, match="add 2 more"):
        run(dataset, engines, root, normals=3)


def test_a_test_picture_that_cannot_be_read_costs_itself_and_is_said(
    dataset: Dataset, engines: EnginePool, tmp_path: Path, result: Evaluation
) -> None:
    text, cut, gone = tmp_path / "broken.png", tmp_path / "cut.png", tmp_path / "gone.png"
    text.write_text("no picture")
    cut.write_bytes(b"\x89PNG\r\n\x1a\n\0\0")  # not even a header
    masked = next(item for item in dataset.test if item.mask)
    spoilt = [replace(masked, path=path) for path in (text, cut, gone)]
    with_them = replace(dataset, test=(*dataset.test, *spoilt))
    job = evaluate(with_them, SETTINGS, engines=engines, scratch=tmp_path)
    told, found = drive(job)
    skipped = [p.item for p in told if isinstance(p.item, SkippedImage)]
    assert [item.path for item in skipped] == [text, cut, gone]
    assert "broken.png is not a picture" in str(skipped[0].reason)
    same = ("test_good", "test_bad", "image_auroc", "pixel_auroc", "aupro", "miss_rate")
    assert [asdict(found)[key] for key in same] == [asdict(result)[key] for key in same]


def test_no_test_picture_that_can_be_read_is_an_error(
    dataset: Dataset, engines: EnginePool, root: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_text("no picture")
    spoilt = replace(dataset.test[0], path=broken)
    with pytest.raises(RequestError, match=r"broken\.png cannot be used"):
        run(replace(dataset, test=(spoilt,)), engines, root)


def test_progress_reaches_its_end_in_both_halves(
    dataset: Dataset, engines: EnginePool, tmp_path: Path
) -> None:
    told, _ = drive(evaluate(dataset, SETTINGS, engines=engines, scratch=tmp_path))
    notes = list(dict.fromkeys(str(p.note) for p in told))
    assert notes[-1] == "Scoring test pictures"
    testing = [p for p in told if str(p.note) == notes[-1]]
    assert [(p.done, p.total) for p in testing] == [(i + 1, 9) for i in range(9)]


def test_stopping_leaves_no_temporary_file(
    dataset: Dataset, engines: EnginePool, tmp_path: Path
) -> None:
    job = evaluate(dataset, SETTINGS, engines=engines, scratch=tmp_path)
    for _ in range(5):
        next(job)
    job.close()
    assert not list(tmp_path.iterdir())


def test_a_mask_of_another_shape_stops_the_measuring_and_missing_ones_are_said(
    root: Path, tmp_path: Path
) -> None:
    shutil.copytree(root, tmp_path / "set")
    (remarks,) = _remarks(read_dataset(tmp_path / "set"))
    assert str(remarks) == "1 bad test picture has no mask: the pixel figures are without it."
    save_mask(tmp_path / "set/ground_truth/scratch/003_mask.png", mask_of(4, 4)[:40])
    with pytest.raises(RequestError, match=r"003_mask\.png has another shape than its picture"):
        _remarks(read_dataset(tmp_path / "set"))


EMPTY = np.zeros((64, 64), np.bool_)
ODD_MASKS = [
    ("scratch/000_mask.png", EMPTY, "1 mask of a bad test picture marks nothing."),
    ("good/031_mask.png", mask_of(4, 4), "1 good test picture has a mask that marks a defect."),
    ("scratch/001_mask.png", ~mask_of(20, 20),
     "1 mask marks most of its picture up to the rim. A defect must be white on black."),
    ("scratch/777_mask.png", mask_of(4, 4), "1 mask belongs to none of the test pictures."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "mask", "words"), ODD_MASKS, ids=range(len(ODD_MASKS)))
def test_what_is_odd_about_a_mask_is_said_with_its_count(
    root: Path, tmp_path: Path, name: str, mask: Bools, words: str
) -> None:
    shutil.copytree(root, tmp_path / "set")
    save_mask(tmp_path / "set/ground_truth/scratch/003_mask.png", mask_of(50, 50))
    assert _remarks(read_dataset(tmp_path / "set")) == ()
    save_mask(tmp_path / "set/ground_truth" / name, mask)
    assert [str(remark) for remark in _remarks(read_dataset(tmp_path / "set"))] == [words]


def _remarks(dataset: Dataset) -> tuple[Message, ...]:
    job = check_masks(dataset)
    try:
        while True:
            next(job)
    except StopIteration as stop:
        found: MaskRemarks = stop.value
        return found.remarks
