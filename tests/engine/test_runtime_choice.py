"""Which runtime computes: the fastest that works here, or exactly the one asked for."""

from __future__ import annotations

import pytest

from deeprx_gui.domain.errors import RequestError, RuntimeChoiceError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.runtimes import table
from deeprx_gui.engine.runtimes.base import RuntimeSpec
from deeprx_gui.engine.runtimes.table import CHOICES, RUNTIMES, choose

CUDA, OPENVINO, TORCH = RUNTIMES


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Names put in here do not work on this PC."""
    names: set[str] = set()

    def problem(spec: RuntimeSpec) -> Message | None:
        return say("{name} does not work here.", name=spec.name) if spec.name in names else None

    monkeypatch.setattr(table, "_problem", problem)
    return names


def test_the_order_is_cuda_openvino_torch(broken: set[str]) -> None:
    assert (CUDA, OPENVINO, TORCH) == ("torch-cuda", "openvino-cpu", "torch-cpu")
    for expected in RUNTIMES:
        assert choose("auto").name == expected
        broken.add(expected)
    with pytest.raises(RuntimeChoiceError, match="torch-cpu does not work here"):
        choose("auto")


def test_one_asked_for_by_name_is_never_replaced(broken: set[str]) -> None:
    for name in RUNTIMES:
        assert choose(name).name == name
    broken.add(OPENVINO)
    for name in (OPENVINO, "openvino"):
        with pytest.raises(RuntimeChoiceError, match="openvino-cpu does not work here"):
            choose(name)


def test_a_family_is_its_fastest_member_that_works(broken: set[str]) -> None:
    assert choose("torch").name == CUDA
    broken.add(CUDA)
    assert choose("torch").name == TORCH


def test_an_unknown_one_is_told_the_known_ones() -> None:
    with pytest.raises(RequestError, match=r"no runtime “tpu”.*auto, torch, openvino"):
        choose("tpu")
    assert set(RUNTIMES) < set(CHOICES)


def test_this_pc_has_openvino() -> None:
    assert choose("openvino").name == OPENVINO
    assert choose("auto").name in {CUDA, OPENVINO}
