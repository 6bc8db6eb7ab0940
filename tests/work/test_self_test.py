"""The self-test: it passes here, and it reports what does not work without stopping."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Preprocessing
from deeprx_gui.domain.self_test import State
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.work import drawn_samples, probe_process, self_checks_deep
from deeprx_gui.work.self_checks import CheckContext, SkippedError
from deeprx_gui.work.self_test import CHECKS, self_test
from deeprx_gui.work.support_file import write_support_file
from tests.work.helpers import drive

PROCESSES = {"installation", "window", "torch_first", "window_first", "opcua"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the checks that start processes or import torch."""
    for name in PROCESSES | {"reference_torch"}:
        monkeypatch.delitem(CHECKS, name)


def test_it_passes_here(engines: EnginePool, tmp_path: Path, quick: None) -> None:
    told, result = drive(self_test(engines, tmp_path))
    assert result.ok, [(c.name, str(c.detail)) for c in result.checks if not c.ok]
    assert [c.name for c in result.checks] == list(CHECKS)
    assert [t.item for t in told if t.item is not None] == list(result.checks)
    assert all(str(c.detail) for c in result.checks)
    assert told[-1].done == told[-1].total == len(CHECKS)
    assert not list(tmp_path.iterdir())


def test_a_check_that_breaks_or_is_skipped_is_reported_and_the_others_go_on(
    engines: EnginePool, tmp_path: Path, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_bench: object) -> Message:
        raise KeyError("something unforeseen")

    def skipped(_bench: object) -> Message:
        raise SkippedError(say("No camera is connected"))

    monkeypatch.setitem(CHECKS, "decoder", (CHECKS["decoder"][0], broken))
    monkeypatch.setitem(CHECKS, "cameras", (CHECKS["cameras"][0], skipped))
    for slow in ("inspection", "reference_openvino", "backbone"):
        monkeypatch.delitem(CHECKS, slow)
    _, result = drive(self_test(engines, tmp_path))
    assert not result.ok
    states = {c.name: c.state for c in result.checks if c.state is not State.OK}
    assert states == {"decoder": State.FAILED, "cameras": State.SKIPPED}
    assert "something unforeseen" in str(next(c for c in result.checks if not c.ok).detail)


def test_a_pc_that_misses_the_test_defect_fails(
    engines: EnginePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = drawn_samples.sample_part
    monkeypatch.setattr(drawn_samples, "sample_part", lambda seed, defect=False: plain(seed))
    small = FitSettings(preprocessing=Preprocessing(64))  # no size sees what is not there
    monkeypatch.setattr(self_checks_deep, "FitSettings", lambda: small)
    with pytest.raises(StorageError, match="defect was not found"):
        self_checks_deep.whole_job(CheckContext(engines, tmp_path))


def test_a_runtime_that_computes_something_else_fails(
    engines: EnginePool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = json.loads(self_checks_deep.REFERENCE.read_text(encoding="utf-8"))
    only = {"efficientnet-lite0": stored["efficientnet-lite0"]}
    only["efficientnet-lite0"]["openvino-cpu"][1] *= 1.01
    other = tmp_path / "reference.json"
    other.write_text(json.dumps(only), encoding="utf-8")
    monkeypatch.setattr(self_checks_deep, "REFERENCE", other)
    with pytest.raises(StorageError, match="Scores differ"):
        self_checks_deep.reference("openvino-cpu")(CheckContext(engines, tmp_path))


def test_the_reference_pictures_never_change() -> None:
    picture = drawn_samples.sample_part(3)
    assert picture.shape == (192, 192, 3)
    assert int(picture.sum(dtype=np.int64)) == 12332919
    defect = drawn_samples.sample_part(3, defect=True)
    assert (picture != defect).any(axis=2).sum() == 16 * 70


def _answering(text: str, code: int = 0, stderr: bytes = b"") -> object:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        if text:
            Path(command[-1]).write_text(text, encoding="utf-8")
        return subprocess.CompletedProcess(command, code, b"", stderr)

    return run


def test_what_another_process_found_is_the_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = {
        "state": "ok",
        "template": "fine {x}",
        "plural": "",
        "context": "",
        "values": {"x": "1"},
    }
    monkeypatch.setattr(subprocess, "run", _answering(json.dumps(answer)))
    assert str(probe_process.run_probe("window")) == "fine 1"
    monkeypatch.setattr(subprocess, "run", _answering(json.dumps({**answer, "state": "skipped"})))
    with pytest.raises(SkippedError):
        probe_process.run_probe("window")
    monkeypatch.setattr(subprocess, "run", _answering(json.dumps({**answer, "state": "failed"}), 2))
    with pytest.raises(StorageError, match="fine 1"):
        probe_process.run_probe("window")


def test_a_crash_of_the_other_process_is_a_finding_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", _answering("", -11, b"x\nWinError 1114 c10.dll\n"))
    with pytest.raises(StorageError, match=r"exit code -11; WinError 1114 c10\.dll"):
        probe_process.run_probe("torch_first")


def test_another_process_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **_: object) -> None:
        raise subprocess.TimeoutExpired(command, 1)

    monkeypatch.setattr(subprocess, "run", run)
    with pytest.raises(StorageError, match="No answer within 1 s"):
        probe_process.run_probe("torch_first", timeout=1)


def test_the_window_system_is_really_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert "offscreen" in str(probe_process.run_probe("window"))
    with pytest.raises(SkippedError):
        probe_process.run_probe("installation")


def test_support_gets_the_logs_and_the_report_and_nothing_else(tmp_path: Path) -> None:
    data = tmp_path / "data"
    (data / "logs").mkdir(parents=True)
    (data / "profiles").mkdir()
    (data / "profiles" / "r0001.deeprx").write_bytes(b"secret")
    (data / "logs" / "deeprx.log").write_text("起動\n", encoding="utf-8")
    (data / "logs" / "deeprx.log.1").write_text("older\n", encoding="utf-8")
    (data / "logs" / "picture.png").write_bytes(b"secret")
    target = write_support_file(tmp_path / "サポート.zip", logs=data / "logs", report={"ok": False})
    with zipfile.ZipFile(target) as archive:
        names = archive.namelist()
        assert names == ["self-test.json", "logs/deeprx.log", "logs/deeprx.log.1"]
        assert archive.read("logs/deeprx.log").decode() == "起動\n"
        assert json.loads(archive.read("self-test.json")) == {"ok": False}
