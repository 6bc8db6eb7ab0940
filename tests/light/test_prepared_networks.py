"""A network written by the full edition is the same network in the light one, or is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.errors import BackboneError, RequestError
from deeprx_gui.domain.message import say
from deeprx_gui.engine.backbones import plan_file, prepared
from deeprx_gui.engine.backbones.catalogue import BACKBONES, BackboneSpec, ImportedNetwork
from deeprx_gui.engine.backbones.imported import read_plan, save, spec_of
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.backbones.plan import Conv, NetworkPlan
from deeprx_gui.engine.backbones.plan_cache import PlanCache

_MEAN, _STD = (1.0, 2.0, 3.0), (4.0, 5.0, 6.0)
_RESNET = "f37072fd" + "0" * 56


def _plan(channels: int, stride: int = 4) -> NetworkPlan:
    weight = np.random.default_rng(1).normal(size=(channels, 3, 4, 4)).astype(np.float32)
    conv = Conv(-1, weight, np.ones(channels, np.float32), stride, 1, 0, 0)
    return NetworkPlan((conv,), {stride: 0}, _MEAN, _STD)


def _own_network(name: str = "ours", sha256: str = "ab" * 32) -> BackboneSpec:
    network = ImportedNetwork(sha256, "deeprx backbones import ours.onnx", None, 4, False, 3.0)
    return spec_of(name, network, {4: 7}, _MEAN, _STD, licence="ours")


def _same(one: NetworkPlan, other: NetworkPlan) -> bool:
    first, second = one.steps[0], other.steps[0]
    assert isinstance(first, Conv)
    assert isinstance(second, Conv)
    return bool((first.weight == second.weight).all()) and one.taps == other.taps


def test_published_weights_come_over_bit_for_bit(tmp_path: Path) -> None:
    spec, plan = BACKBONES["resnet18"], _plan(64)
    file = tmp_path / "残差.deeprx-network"
    prepared.write(file, spec, _RESNET, plan)
    library = BackboneLibrary(tmp_path / "バックボーン")
    status = library.import_file(file)
    assert (status.name, status.installed, status.sha256) == ("resnet18", True, _RESNET)
    weights = BackboneLibrary(tmp_path / "バックボーン").find("resnet18")
    assert _same(PlanCache(None).plan(weights), plan)


def test_a_network_from_an_onnx_file_brings_its_note(tmp_path: Path) -> None:
    spec, plan = _own_network(), _plan(7)
    save(tmp_path / "there", spec, plan)
    file = BackboneLibrary(tmp_path / "there").export("ours", tmp_path / "out")
    assert file.name == "out.deeprx-network"
    library = BackboneLibrary(tmp_path / "here")
    assert library.import_file(file).words == "deeprx backbones import ours.onnx"
    weights = library.find("ours")
    assert weights.sha256 == "ab" * 32
    assert _same(read_plan(weights.file, weights.spec), plan)
    prepared.write(file, _own_network(sha256="cd" * 32), "cd" * 32, plan)
    with pytest.raises(RequestError, match="Another network was imported as “ours”"):
        library.import_file(file)


def test_built_in_networks_can_be_written_too(tmp_path: Path) -> None:
    library = BackboneLibrary(tmp_path / "library")
    file = library.export("efficientnet-lite0", tmp_path / "lite0.deeprx-network")
    spec, sha256, _ = prepared.read(file)
    assert (spec.name, sha256) == ("efficientnet-lite0", library.find(spec.name).sha256)


def _import(library: BackboneLibrary, file: Path, what: str) -> None:
    library.import_file(file)
    pytest.fail(f"{what} was imported")


def test_what_is_damaged_or_pretends_is_refused_and_nothing_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "x.deeprx-network"
    resnet = BACKBONES["resnet18"]
    bad: dict[str, tuple[BackboneSpec, str, NetworkPlan]] = {
        "weights nobody published": (resnet, "00" * 32, _plan(64)),
        "the hash of another network": (replace(resnet, name="vgg16"), _RESNET, _plan(64)),
        "a stride that it has not": (resnet, _RESNET, _plan(64, stride=2)),
        "too few channels": (resnet, _RESNET, _plan(63)),
        "a note of another network": (_own_network(), "cd" * 32, _plan(7)),
        "a name that is a path": (_own_network("../out"), "ab" * 32, _plan(7)),
    }
    library = BackboneLibrary(tmp_path / "library")
    for what, (spec, sha256, plan) in bad.items():
        prepared.write(file, spec, sha256, plan)
        with pytest.raises(BackboneError, match="not a network that this program can use"):
            _import(library, file, what)
    prepared.write(file, resnet, _RESNET, _plan(64))
    whole = file.read_bytes()
    for contents in (whole[:-5], whole[:200] + b"x" + whole[201:], b"", b"\xff" * 64):
        file.write_bytes(contents)
        with pytest.raises(BackboneError, match="not a network"):
            library.import_file(file)
    file.write_bytes(plan_file.to_bytes(_plan(64), {"weights": _RESNET}))
    with pytest.raises(BackboneError, match="not a network"):
        library.import_file(file)
    with pytest.raises(BackboneError, match="cannot be read"):
        library.import_file(tmp_path / "none.deeprx-network")
    assert not (tmp_path / "library").exists()


def test_a_kept_network_that_was_damaged_is_told(tmp_path: Path) -> None:
    library = BackboneLibrary(tmp_path)
    file = tmp_path / "x.deeprx-network"
    prepared.write(file, BACKBONES["resnet18"], _RESNET, _plan(64))
    library.import_file(file)
    weights = library.find("resnet18")
    weights.file.write_bytes(weights.file.read_bytes()[:-1])
    with pytest.raises(BackboneError, match="damaged"):
        PlanCache(None).plan(weights)


def test_a_built_in_network_that_was_brought_over_reaches_further(
    plans: Path, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = BackboneLibrary(tmp_path / "full")
    file = full.export("efficientnet-lite0", tmp_path / "lite0.deeprx-network")
    whole = PlanCache(None).plan(full.find("efficientnet-lite0"))
    request.getfixturevalue("no_torch")
    monkeypatch.setattr(plan_file, "SHIPPED", plans)
    library = BackboneLibrary(tmp_path / "light")
    short = PlanCache(None, shipped=plans).plan(library.find("efficientnet-lite0"))
    assert len(short.steps) == whole.needed((8, 16))
    for one, other in zip(short.steps, whole.steps, strict=False):
        assert not isinstance(one, Conv) or _equal(one, other)
    assert 32 in library.import_file(file).taps
    assert 32 in PlanCache(None, shipped=plans).plan(library.find("efficientnet-lite0")).taps


def _equal(one: Conv, other: object) -> bool:
    assert isinstance(other, Conv)
    return bool((one.weight == other.weight).all() and (one.bias == other.bias).all())


@pytest.mark.usefixtures("no_torch")
def test_the_plan_that_came_with_the_program_stands_for_the_weights(
    plans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan_file, "SHIPPED", plans)
    found = BackboneLibrary(tmp_path).find("efficientnet-lite0")
    assert found.file.parent == plans
    assert found.sha256 == BACKBONES["efficientnet-lite0"].published[0].sha256
    assert found.max_stride == 16
    assert str(PlanCache(tmp_path, shipped=plans).plan(found).mean) != ""
    with pytest.raises(BackboneError, match="installing it again"):
        PlanCache(tmp_path, shipped=tmp_path).plan(found)
    assert str(BackboneLibrary(tmp_path).status("vgg16").advice) == str(
        say(
            "{name} is not installed. On a PC with the full edition write it with “deeprx "
            "backbones export {name} FILE”, then import that file here.",
            name="vgg16",
        )
    )
