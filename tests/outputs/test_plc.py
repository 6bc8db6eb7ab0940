"""A simulated PLC drives a live run: no verdict is missed, doubled or taken for another part."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def plc() -> ModuleType:
    spec = importlib.util.spec_from_file_location("plc_bench", ROOT / "benchmarks" / "plc.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["plc_bench"] = module
    spec.loader.exec_module(module)
    return module


def test_nothing_is_missed_doubled_or_mismatched(plc: ModuleType, tmp_path: Path) -> None:
    """Sixty of the 10,000 parts of ``benchmarks/plc.py``, with trouble every eight parts."""
    figures = plc.simulate(tmp_path, 60, seed=3, every=8)
    assert (figures.missed, figures.doubled, figures.mismatched) == (0, 0, 0)
    assert figures.parts == 60
    assert figures.verdicts >= 30
    assert figures.bounces > 0
    assert figures.restarts + figures.camera_away + figures.camera_still > 0
