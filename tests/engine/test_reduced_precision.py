"""bfloat16 is used by itself only where the profile's golden scores stay and time is gained."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import cast

import pytest

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import RuntimeChoiceError
from deeprx_gui.domain.fit import FitRequest
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import DetectorChoice, NormalImage, Preprocessing, Profile
from deeprx_gui.domain.score import Score
from deeprx_gui.engine import engine_pool
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine import Scorer
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.engine.reduced_precision import is_worth_while
from deeprx_gui.engine.runtimes import table
from deeprx_gui.engine.runtimes.base import RuntimeSpec
from deeprx_gui.engine.runtimes.table import CHOICES, REDUCED, RUNTIMES, choose
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.encode import encode_png
from deeprx_gui.work.fit import fit
from deeprx_gui.work.held_out_frames import highest_held_out
from tests.engine.parts import part

BF16 = "openvino-cpu-bf16"


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory) -> Profile:
    root = tmp_path_factory.mktemp("reduced")
    files = [root / f"{seed}.png" for seed in range(6)]
    for seed, file in enumerate(files):
        file.write_bytes(encode_png(part(seed, 64, 64)))
    settings = FitSettings(
        preprocessing=Preprocessing(size=64), detector=DetectorChoice("patchcore")
    )
    store = ProfileStore(root / "profiles")
    engines = EnginePool(BackboneLibrary(root / "none"), "openvino")
    request = FitRequest("reduced", tuple(files), settings, "test")
    for _ in fit(request, engines=engines, store=store, scratch=root / "scratch"):
        pass
    return store.load("reduced")


def pool(tmp_path: Path, runtime: str = "auto") -> EnginePool:
    return EnginePool(BackboneLibrary(tmp_path / "none"), runtime)


def ticking(*steps: float) -> Iterator[float]:
    """A clock that is read three times a round: before, between, after."""
    now = 0.0
    for number in count():
        yield now
        now += (*steps, 0.0)[number % 3]


@pytest.mark.parametrize(("seconds", "wanted"), [(0.5, True), (0.95, False), (2.0, False)])
def test_it_must_be_quicker(
    profile: Profile, tmp_path: Path, seconds: float, *, wanted: bool
) -> None:
    scorer = pool(tmp_path, "openvino").for_profile(profile)
    clock = ticking(1.0, seconds)
    assert is_worth_while(profile, scorer, scorer, (), lambda: next(clock)) is wanted


def test_golden_scores_must_stay(profile: Profile, tmp_path: Path) -> None:
    scorer = pool(tmp_path, "openvino").for_profile(profile)
    clock = ticking(1.0, 0.1)
    moved = 0.03 * profile.suggested.review
    golden = tuple(replace(g, score=g.score + moved) for g in profile.golden)
    other = replace(profile, golden=golden)
    assert not is_worth_while(other, scorer, scorer, (), lambda: next(clock))
    assert not is_worth_while(replace(profile, golden=()), scorer, scorer, (), lambda: next(clock))


class Moved:
    """A runtime that agrees on the golden images and scores every other frame differently."""

    def __init__(self, scorer: Scorer, by: float) -> None:
        self._scorer, self._by = scorer, by

    def score_prepared(self, pixels: ByteImage) -> Score:
        return self._scorer.score_prepared(pixels)

    def score(self, frame: Frame) -> Score:
        score = self._scorer.score(frame)
        return replace(score, value=score.value + self._by)


@pytest.mark.parametrize(
    ("moved", "wanted"), [(0.015, True), (0.03, False), (-0.03, False), (float("nan"), False)]
)
def test_held_out_images_must_stay_where_they_are_on_this_pc(
    profile: Profile, tmp_path: Path, moved: float, *, wanted: bool
) -> None:
    scorer = pool(tmp_path, "openvino").for_profile(profile)
    fake = cast("Scorer", Moved(scorer, moved * profile.suggested.review))
    frames = tuple(highest_held_out(profile))
    highest = sorted((n.held_out or 0.0 for n in profile.normals), reverse=True)
    assert len(frames) == 5 < len(highest)
    clock = ticking(1.0, 0.5)
    assert is_worth_while(profile, scorer, fake, frames, lambda: next(clock)) is wanted
    assert is_worth_while(profile, scorer, fake, (), lambda: next(clock)), "golden ones alone"
    away = tuple(NormalImage(f"/nowhere/{n}.png", 1.0) for n in range(6))
    assert not tuple(highest_held_out(replace(profile, normals=away)))


@pytest.fixture
def able(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a processor with bfloat16; OpenVINO computes in float32 where there is none."""

    def problem(spec: RuntimeSpec) -> Message | None:
        return say("no card") if spec.name == "torch-cuda" else None

    monkeypatch.setattr(table, "_problem", problem)
    table.reduced_of.cache_clear()
    yield
    table.reduced_of.cache_clear()


@pytest.mark.usefixtures("able")
@pytest.mark.parametrize("worth", [True, False])
def test_left_to_choose_the_program_takes_what_proved_itself(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, worth: bool
) -> None:
    monkeypatch.setattr(engine_pool, "is_worth_while", lambda *_: worth)
    engines = pool(tmp_path)
    scorer = engines.for_profile(profile)
    info = engines.describe()
    assert info is not None
    assert info.name == (BF16 if worth else "openvino-cpu")
    named = pool(tmp_path, info.name).for_profile(profile)
    for golden in profile.golden:
        assert scorer.score_prepared(golden.pixels).value == (
            named.score_prepared(golden.pixels).value
        )


@pytest.mark.usefixtures("able")
@pytest.mark.parametrize("moved", [0.0, 0.03])
def test_what_reads_the_held_out_images_is_asked_by_the_pool(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moved: float
) -> None:
    """A faked runtime that moves held-out scores by 0.03 x limit is not used, however quick."""
    asked: list[int] = []

    def fake(profile: Profile, exact: Scorer, _: Scorer, held_out: Iterable[Frame]) -> bool:
        frames = tuple(held_out)
        asked.append(len(frames))
        clock = ticking(1.0, 0.1)
        other = cast("Scorer", Moved(exact, moved * profile.suggested.review))
        return is_worth_while(profile, exact, other, frames, lambda: next(clock))

    monkeypatch.setattr(engine_pool, "is_worth_while", fake)
    engines = EnginePool(BackboneLibrary(tmp_path / "none"), "auto", held_out=highest_held_out)
    engines.for_profile(profile)
    info = engines.describe()
    assert info is not None
    assert info.name == (BF16 if moved == 0 else "openvino-cpu")
    assert asked == [5]


@pytest.mark.usefixtures("able")
def test_one_asked_for_by_name_is_what_computes(
    profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking for ``openvino`` refuses a reduced precision."""
    monkeypatch.setattr(engine_pool, "is_worth_while", lambda *_: True)
    for asked, computes in (("openvino", "openvino-cpu"), (BF16, BF16)):
        engines = pool(tmp_path, asked)
        engines.for_profile(profile)
        info = engines.describe()
        assert info is not None
        assert info.name == computes


def test_it_is_never_what_learns_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "_problem", lambda _: None)
    assert choose("auto").name not in REDUCED
    assert choose("openvino").name not in REDUCED
    assert set(REDUCED) < set(CHOICES)
    assert not set(REDUCED) & set(RUNTIMES)


def test_a_processor_without_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    from deeprx_gui.engine.runtimes import openvino_compiler

    monkeypatch.setattr(openvino_compiler, "computes_in", lambda _: False)
    with pytest.raises(RuntimeChoiceError, match="cannot compute in bfloat16"):
        choose(BF16)
