"""Scoring many pictures: one answer for each, whatever happens to single ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import BackboneError, DeepRxError, ProfileError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.inspection import Cause
from deeprx_gui.domain.message import say
from deeprx_gui.domain.picture_facts import LearntPictures, with_learnt
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.scored import Label, PendingImage, ScoredImage
from deeprx_gui.domain.statistics import Statistics
from deeprx_gui.domain.verdict import Verdict, judge
from deeprx_gui.engine.engine import Engine, Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.input_view import InputView
from deeprx_gui.work.batch import score_images
from deeprx_gui.work.golden import TOLERANCE, golden_difference
from tests.engine.parts import part, with_scratch
from tests.work.helpers import drive, save, save_parts

Learnt = tuple[Profile, Sequence[Path]]


def scored_of(profile: Profile, files: Sequence[Path], engines: EnginePool) -> list[ScoredImage]:
    told, _ = drive(score_images(profile, [PendingImage(f) for f in files], engines=engines))
    return [p.item for p in told if isinstance(p.item, ScoredImage)]


def test_every_picture_gets_its_answer_in_order(
    learnt: Learnt, engines: EnginePool, tmp_path: Path
) -> None:
    profile, _ = learnt
    files = save_parts(tmp_path, 4, first=50)
    bad = save(tmp_path / "bad.png", with_scratch(part(60, 64, 64), 24, 24))
    items = [*(PendingImage(f, Label.GOOD) for f in files), PendingImage(bad, Label.BAD)]
    told, outcome = drive(score_images(profile, items, engines=engines))
    scored = [p.item for p in told if isinstance(p.item, ScoredImage)]
    assert [(s.path, s.label) for s in scored] == [(i.path, i.label) for i in items]
    assert all(s.error is None and (s.width, s.height) == (64, 64) for s in scored)
    assert scored[-1].value > 1.5 * max(s.value for s in scored[:-1])
    assert [p.done for p in told] == [0, 1, 2, 3, 4, 5]
    assert {p.total for p in told} == {5}
    assert told[-1].seconds_left == 0
    assert outcome.runtime == "torch-cpu"
    assert 0 < outcome.ms_per_image < 1000 * outcome.seconds
    assert outcome.golden_difference == 0.0


def test_batch_golden_and_single_scores_agree_to_the_last_bit(
    learnt: Learnt, engines: EnginePool
) -> None:
    profile, files = learnt
    batch = {s.path.name: s for s in scored_of(profile, files, engines)}
    scorer = engines.for_profile(profile)
    for golden in profile.golden:
        assert batch[golden.name].value == golden.score
    for file in files:
        single, many = scorer.score(decode(file)), batch[file.name].score
        assert many is not None
        assert single.value == many.value
        assert np.array_equal(single.map, many.map)


def test_a_file_that_is_no_picture_is_an_error_and_the_batch_goes_on(
    learnt: Learnt, engines: EnginePool, tmp_path: Path
) -> None:
    profile, files = learnt
    text, half = tmp_path / "text.png", tmp_path / "half.png"
    text.write_text("no picture")
    half.write_bytes(files[0].read_bytes()[:400])
    gone = tmp_path / "gone.png"
    scored = scored_of(profile, [files[0], text, half, gone, files[1]], engines)
    assert [s.error is None for s in scored] == [True, False, False, False, True]
    for broken in scored[1:4]:
        assert broken.score is None
        assert str(broken.error)
        assert np.isnan(broken.value)
        assert judge(broken.value, profile.limits) is Verdict.ERROR


def failing(error: Exception) -> Callable[..., object]:
    def fail(*_args: object, **_options: object) -> object:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("CUDA out of memory. Tried to allocate\nmore"), "CUDA out of memory"),
        (MemoryError(), "MemoryError"),
        (ValueError("no such shape"), "no such shape"),
        (DeepRxError(say("A sentence.")), "A sentence."),
    ],
)
def test_a_picture_that_cannot_be_scored_is_an_error_and_the_batch_goes_on(
    learnt: Learnt,
    engines: EnginePool,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    words: str,
) -> None:
    profile, files = learnt
    plain = Scorer.score

    def sometimes(scorer: Scorer, frame: Frame) -> object:
        return failing(error)() if frame.source == str(files[1]) else plain(scorer, frame)

    monkeypatch.setattr(Scorer, "score", sometimes)
    good, bad, after = scored_of(profile, files[:3], engines)
    assert good.error is None
    assert after.error is None
    assert bad.score is None
    assert words in str(bad.error)
    assert (bad.width, bad.height) == (64, 64)


def test_no_memory_for_resizing_is_an_error_of_that_picture(
    learnt: Learnt, engines: EnginePool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    profile, _ = learnt
    (file,) = save_parts(tmp_path, 1, height=90)
    job = score_images(profile, [PendingImage(file)], engines=engines)
    next(job)
    monkeypatch.setattr(cv2, "resize", failing(cv2.error("(-4:Insufficient memory)")))
    scored = next(job).item
    assert isinstance(scored, ScoredImage)
    assert "Insufficient memory" in str(scored.error)


def test_a_score_that_is_no_number_is_never_ok(
    learnt: Learnt, engines: EnginePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile, files = learnt
    job = score_images(profile, [PendingImage(files[0])], engines=engines)
    next(job)
    plain = Engine.see

    def blinded(engine: Engine, pixels: ByteImage) -> InputView:
        nothing: Any = np.full(plain(engine, pixels).pixels.shape, np.nan, np.float32)
        return InputView(nothing)

    monkeypatch.setattr(Engine, "see", blinded)
    scored = next(job).item
    assert isinstance(scored, ScoredImage)
    assert judge(scored.value, profile.limits) is Verdict.ERROR


def test_no_pictures_is_an_empty_batch(learnt: Learnt, engines: EnginePool) -> None:
    told, outcome = drive(score_images(learnt[0], [], engines=engines))
    assert len(told) == 1
    assert told[0].total > 0
    assert outcome.ms_per_image == 0


def test_cancelling_stops_within_one_picture(
    learnt: Learnt, engines: EnginePool, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile, files = learnt
    read: Counter[Path] = Counter()

    def counted(path: Path) -> Frame:
        read[path] += 1
        return decode(path)

    monkeypatch.setattr("deeprx_gui.work.frame_reader.decode", counted)
    job = score_images(profile, [PendingImage(f) for f in [*files] * 9], engines=engines)
    for _ in range(3):
        next(job)
    job.close()
    assert 2 <= sum(read.values()) <= 2 + 3


def tampered(profile: Profile, times: float) -> Profile:
    """One golden score moved by this many limits."""
    first, *others = profile.golden
    wrong = replace(first, score=first.score + times * profile.suggested.review)
    return replace(profile, golden=(*others, wrong))


def test_a_profile_that_does_not_reproduce_its_scores_is_refused(
    learnt: Learnt, engines: EnginePool
) -> None:
    profile, files = learnt
    for times in (TOLERANCE * 1.1, -0.5, float("nan")):
        with pytest.raises(ProfileError, match=r"“Plate” does not reproduce.*learn again here"):
            scored_of(tampered(profile, times), files, engines)
    assert len(scored_of(tampered(profile, TOLERANCE * 0.9), files, engines)) == 8


def test_the_difference_is_in_limits_as_suggested_not_as_dragged(
    learnt: Learnt, engines: EnginePool
) -> None:
    profile, _ = learnt
    dragged = replace(tampered(profile, 0.01), limits=profile.limits.moved(review=1e-3))
    found = golden_difference(dragged, engines.for_profile(dragged))
    assert found == pytest.approx(0.01, rel=1e-3)


def test_other_weights_of_the_same_backbone_are_refused(
    learnt: Learnt, engines: EnginePool
) -> None:
    profile, files = learnt
    foreign = replace(profile, backbone=replace(profile.backbone, weights_sha256="ab" * 32))
    with pytest.raises(BackboneError, match=r"abababababab….*57934424.*Import the same weights"):
        scored_of(foreign, files, engines)


def test_a_backbone_that_is_not_installed_says_what_to_do(
    learnt: Learnt, engines: EnginePool
) -> None:
    profile, files = learnt
    other = replace(profile, backbone=replace(profile.backbone, name="resnet18"))
    with pytest.raises(BackboneError, match=r"resnet18 is not installed.*import"):
        scored_of(other, files, engines)


def test_statistics_of_another_backbone_are_refused_before_a_picture_is_judged(
    learnt: Learnt, engines: EnginePool
) -> None:
    profile, files = learnt
    arrays = dict(profile.statistics.arrays)
    arrays["channels"] = arrays["channels"][::-1].copy()  # they still sum up
    swapped = replace(profile, statistics=Statistics(arrays, profile.statistics.counts))
    with pytest.raises(ProfileError, match="do not fit"):
        scored_of(swapped, files, engines)


def test_what_a_picture_is_like_as_a_picture_is_said_beside_its_score(
    learnt: Learnt, engines: EnginePool, tmp_path: Path
) -> None:
    profile, _ = learnt
    known = replace(profile, extra=with_learnt({}, LearntPictures((64, 64), grey=None, share=1)))
    fine = save(tmp_path / "fine.png", part(50, 64, 64))
    two, other = tmp_path / "two.tif", tmp_path / "other.png"
    page = Image.fromarray(part(50, 64, 64))
    page.save(two, save_all=True, append_images=[page])
    save(other, part(51, 96, 64))
    found = scored_of(known, [fine, two, other], engines)
    assert [s.causes for s in found] == [(), (Cause.PAGES,), (Cause.SIZE,)]
    assert found[0].value == found[1].value
