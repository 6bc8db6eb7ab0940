"""The self-test: it passes here, and it reports what does not work without stopping."""

from __future__ import annotations

from pathlib import Path

import pytest

from deeprx_gui.domain.message import Message
from deeprx_gui.engine.engines import Engines
from deeprx_gui.work import self_test as module
from deeprx_gui.work.self_test import CHECKS, self_test
from tests.work.helpers import drive


def test_it_passes_here(engines: Engines, tmp_path: Path) -> None:
    told, result = drive(self_test(engines, tmp_path))
    assert result.ok, [(c.name, str(c.detail)) for c in result.checks if not c.ok]
    assert [c.name for c in result.checks] == list(CHECKS)
    assert all(str(c.detail) for c in result.checks)
    assert told[-1].done == told[-1].total == len(CHECKS)
    assert not list(tmp_path.iterdir())


def test_a_check_that_breaks_is_reported_and_the_others_go_on(
    engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_bench: object) -> Message:
        raise KeyError("something unforeseen")

    monkeypatch.setitem(CHECKS, "decoder", (CHECKS["decoder"][0], broken))
    monkeypatch.delitem(CHECKS, "inspection")
    _, result = drive(self_test(engines, tmp_path))
    assert not result.ok
    assert [c.name for c in result.checks if not c.ok] == ["decoder"]
    assert "something unforeseen" in str(next(c for c in result.checks if not c.ok).detail)


def test_a_pc_that_misses_the_test_defect_fails(
    engines: Engines, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = module.sample_part
    monkeypatch.setattr(module, "sample_part", lambda seed, defect=False: plain(seed))
    _, result = drive(self_test(engines, tmp_path))
    failed = {c.name: str(c.detail) for c in result.checks if not c.ok}
    assert list(failed) == ["inspection"]
    assert "defect" in failed["inspection"]
