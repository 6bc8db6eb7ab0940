"""Plans on disk: read back exactly, refused when anything is wrong, and then made again."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.errors import BackboneError
from deeprx_gui.engine.backbones import plan_cache, plan_file
from deeprx_gui.engine.backbones.catalogue import BACKBONES
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.backbones.plan import Add, Clip, Conv, MaxPool, NetworkPlan
from deeprx_gui.engine.backbones.plan_cache import PlanCache
from deeprx_gui.engine.backbones.weights import Weights

MADE_FOR = {"weights": "abc", "program": "1"}


def made_plan(seed: int = 0) -> NetworkPlan:
    rng = np.random.default_rng(seed)

    def conv(source: int, out: int, inside: int, groups: int = 1) -> Conv:
        weight = rng.normal(size=(out, inside // groups, 3, 3)).astype(np.float32)
        return Conv(source, weight, rng.normal(size=out).astype(np.float32), 2, groups, 0, 1)

    steps = (
        conv(-1, 4, 3),
        Clip(0, 6.0),
        conv(1, 4, 4, groups=4),
        Clip(2, None),
        Add(3, 2),
        MaxPool(4, 3, 2, 1),
    )
    return NetworkPlan(steps, {2: 1, 8: 5}, (1.0, 2.0, 3.0), (4.0, 5.0, 6.0))


def assert_equal(found: NetworkPlan, expected: NetworkPlan) -> None:
    assert (found.taps, found.mean, found.std) == (expected.taps, expected.mean, expected.std)
    for ours, theirs in zip(found.steps, expected.steps, strict=True):
        if isinstance(ours, Conv) and isinstance(theirs, Conv):
            assert np.array_equal(ours.weight, theirs.weight)
            assert np.array_equal(ours.bias, theirs.bias)
            none = np.zeros(0, np.float32)
            bare = [repr(replace(step, weight=none, bias=none)) for step in (ours, theirs)]
            assert bare[0] == bare[1]
        else:
            assert ours == theirs


def test_a_plan_comes_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "計画.plan"
    file.write_bytes(plan_file.to_bytes(made_plan(), MADE_FOR))
    assert_equal(plan_file.read(file, MADE_FOR), made_plan())


def test_what_was_made_for_something_else_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.plan"
    file.write_bytes(plan_file.to_bytes(made_plan(), MADE_FOR))
    with pytest.raises(plan_file.DamagedPlanError, match="made for"):
        plan_file.read(file, {**MADE_FOR, "program": "2"})


def test_every_kind_of_damage_is_noticed(tmp_path: Path) -> None:
    whole = plan_file.to_bytes(made_plan(), MADE_FOR)
    file = tmp_path / "a.plan"
    positions = np.random.default_rng(1).integers(0, len(whole), 200)
    damaged = [whole[:p] + bytes([whole[p] ^ 1]) + whole[p + 1 :] for p in map(int, positions)]
    cut = [whole[: int(p)] for p in positions[:40]]
    for contents in (*damaged, *cut, b"", b"\0" * 100, whole + b"x"):
        file.write_bytes(contents)
        with pytest.raises(plan_file.DamagedPlanError):
            plan_file.read(file, MADE_FOR)


def _widened(plan: NetworkPlan) -> NetworkPlan:
    weights = np.zeros((4, 5, 3, 3), np.float32)
    return _with_first(plan, weight=weights)


def _with_first(plan: NetworkPlan, **changes: object) -> NetworkPlan:
    first = plan.steps[0]
    assert isinstance(first, Conv)
    return replace(plan, steps=(replace(first, **changes), *plan.steps[1:]))  # type: ignore[arg-type]


IMPOSSIBLE: dict[str, Callable[[NetworkPlan], NetworkPlan]] = {
    "a step that uses a later one": lambda p: replace(p, steps=(Clip(3, None), *p.steps[1:])),
    "a tap that is no step": lambda p: replace(p, taps={2: 99}),
    "no tap": lambda p: replace(p, taps={}),
    "weights for another width": _widened,
    "not a number": lambda p: _with_first(p, bias=np.full(4, np.nan, np.float32)),
    "too short a bias": lambda p: _with_first(p, bias=np.zeros(3, np.float32)),
    "a stride of nothing": lambda p: _with_first(p, stride=0),
    "a border of less than nothing": lambda p: _with_first(p, before=-1),
    "division by nothing": lambda p: replace(p, std=(0.0, 1.0, 1.0)),
}


@pytest.mark.parametrize("change", list(IMPOSSIBLE.values()), ids=list(IMPOSSIBLE))
def test_a_plan_that_no_runtime_could_build_is_refused(
    tmp_path: Path, change: Callable[[NetworkPlan], NetworkPlan]
) -> None:
    file = tmp_path / "a.plan"
    file.write_bytes(plan_file.to_bytes(change(made_plan()), MADE_FOR))
    with pytest.raises(plan_file.DamagedPlanError):
        plan_file.read(file, MADE_FOR)


class Maker:
    """Stands for torch: counts how often a plan had to be made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made = 0
        monkeypatch.setattr(plan_cache, "import_torch_module", lambda _name: self)

    def plan_of(self, _weights: Weights) -> NetworkPlan:
        self.made += 1
        return made_plan(self.made)


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Maker:
    return Maker(monkeypatch)


WEIGHTS = Weights(BACKBONES["resnet18"], Path("none"), "a" * 64, "b" * 64, 16, converted=True)


def test_a_backbone_is_prepared_once(tmp_path: Path, maker: Maker) -> None:
    first = PlanCache(tmp_path / "新しい").plan(WEIGHTS)
    assert_equal(PlanCache(tmp_path / "新しい").plan(WEIGHTS), first)
    assert maker.made == 1
    assert len(list((tmp_path / "新しい").iterdir())) == 1


def test_other_weights_and_another_program_get_plans_of_their_own(
    tmp_path: Path, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    PlanCache(tmp_path).plan(WEIGHTS)
    PlanCache(tmp_path).plan(replace(WEIGHTS, sha256="c" * 64))
    assert maker.made == 2
    monkeypatch.setattr(plan_cache, "__version__", "99.0")
    PlanCache(tmp_path).plan(WEIGHTS)
    assert maker.made == 3


def test_a_damaged_plan_is_made_again_and_the_log_says_so(
    tmp_path: Path, maker: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    PlanCache(tmp_path).plan(WEIGHTS)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    with caplog.at_level(logging.WARNING):
        assert_equal(PlanCache(tmp_path).plan(WEIGHTS), made_plan(2))
    assert "made again" in caplog.text
    assert_equal(PlanCache(tmp_path).plan(WEIGHTS), made_plan(2))  # and it was mended
    assert maker.made == 2


def test_a_folder_that_cannot_be_written_costs_time_only(
    tmp_path: Path, maker: Maker, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        assert_equal(PlanCache(tmp_path / "file").plan(WEIGHTS), made_plan(1))
    assert "could not be kept" in caplog.text
    assert maker.made == 1


def test_an_interrupted_write_leaves_the_old_plan_and_no_rubbish(
    tmp_path: Path, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    PlanCache(tmp_path).plan(WEIGHTS)
    monkeypatch.setattr(plan_cache, "__version__", "99.0")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        PlanCache(tmp_path).plan(WEIGHTS)
    monkeypatch.undo()
    assert [f.suffix for f in tmp_path.iterdir()] == [".plan"]
    assert_equal(PlanCache(tmp_path).plan(WEIGHTS), made_plan(1))


def test_without_a_folder_nothing_is_kept(maker: Maker) -> None:
    PlanCache(None).plan(WEIGHTS)
    PlanCache(None).plan(WEIGHTS)
    assert maker.made == 2


def test_without_torch_and_without_a_plan_the_person_is_told_what_to_do(
    library: BackboneLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "deeprx_gui.engine.backbones.plan_of_network", None)
    with pytest.raises(BackboneError, match="Install the complete program"):
        PlanCache(tmp_path).plan(library.find("efficientnet-lite0"))


def test_a_plan_that_came_with_the_program_is_read_and_nothing_written(
    tmp_path: Path, maker: Maker
) -> None:
    PlanCache(tmp_path / "shipped", shipped=None).plan(WEIGHTS)
    found = PlanCache(tmp_path / "own", shipped=tmp_path / "shipped").plan(WEIGHTS)
    assert_equal(found, made_plan(1))
    assert maker.made == 1
    assert not (tmp_path / "own").exists()


def test_a_shipped_plan_of_another_program_is_not_used(
    tmp_path: Path, maker: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    PlanCache(tmp_path / "shipped", shipped=None).plan(WEIGHTS)
    monkeypatch.setattr(plan_cache, "__version__", "99.0")
    PlanCache(tmp_path / "own", shipped=tmp_path / "shipped").plan(WEIGHTS)
    assert maker.made == 2
    assert (tmp_path / "own").exists()
