"""What a person is told about a PC on which not everything will work."""

from __future__ import annotations

import errno
import platform
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import psutil
import pytest

from deeprx_gui import scratch
from deeprx_gui.scratch import cannot_write
from deeprx_gui.work import pc_remarks
from deeprx_gui.work.pc_remarks import has_avx2, pc_warnings


@pytest.fixture(autouse=True)
def _good_pc(monkeypatch: pytest.MonkeyPatch) -> None:
    _with_memory(monkeypatch, 16e9)
    monkeypatch.setattr(pc_remarks, "has_avx2", lambda: True)


def _with_memory(monkeypatch: pytest.MonkeyPatch, total: float) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(total=total))


def _cpu(monkeypatch: pytest.MonkeyPatch, file: Path, text: str) -> bool | None:
    file.write_text(text, encoding="ascii")
    monkeypatch.setattr(pc_remarks, "_CPU_FILE", file)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    return has_avx2()


def test_on_a_good_pc_nothing_is_said(tmp_path: Path) -> None:
    data = tmp_path / "佐藤 太郎" / "データ"
    assert pc_warnings(data) == ()
    assert list(data.iterdir()) == [], "the look leaves nothing behind"


@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES])
def test_a_data_folder_that_cannot_be_written_is_named_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refuse(*_: Any) -> NoReturn:
        raise OSError(code, "Read-only file system")

    monkeypatch.setattr(scratch, "open_scratch", refuse)
    monkeypatch.setattr(pc_remarks, "has_avx2", lambda: False)
    first, second = pc_warnings(tmp_path)
    assert str(tmp_path) in str(first)
    assert "can only be read (Read-only file system)" in str(first)
    assert "no AVX2" in str(second)


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert cannot_write(tmp_path / "file" / "data") == "Not a directory"


def test_a_path_of_300_characters_is_no_obstacle(tmp_path: Path) -> None:
    data = tmp_path.joinpath(*["長い名前のフォルダー" * 2] * 3, *["d" * 60] * 5)
    assert len(str(data)) > 300
    assert cannot_write(data) is None


def test_too_little_memory_is_told_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _with_memory(monkeypatch, 2.1e9)
    (told,) = pc_warnings(tmp_path)
    assert str(told).startswith("This PC has 2.1 GB of memory. Learning needs about 4 GB: close")


@pytest.mark.skipif(sys.platform != "linux", reason="Windows is asked, not a file")
def test_avx2_is_read_from_the_processor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    assert _cpu(monkeypatch, file, "flags\t: fpu sse4_2 avx\n") is False
    assert _cpu(monkeypatch, file, "flags\t: fpu avx avx2 fma\n" * 4) is True
    assert _cpu(monkeypatch, file, "processor : 0\n") is None, "not told: no complaint"


def test_other_processors_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert has_avx2() is None
