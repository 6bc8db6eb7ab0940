"""Files and folders that go again, and what happens where none may be made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deeprx_gui.scratch import clean_scratch, open_scratch, scratch_folder


def test_a_scratch_file_holds_what_is_written_and_leaves_nothing(tmp_path: Path) -> None:
    with open_scratch(tmp_path) as file:
        file.write(b"maps")
        file.seek(0)
        assert file.read() == b"maps"
    assert list(tmp_path.iterdir()) == []


def test_a_scratch_folder_goes_with_all_it_holds(tmp_path: Path) -> None:
    with scratch_folder(tmp_path, "自己診断 ") as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "x").write_bytes(b"x")
        assert folder.name.startswith("自己診断 ")
    assert list(tmp_path.iterdir()) == []


def test_it_goes_when_the_work_fails(tmp_path: Path) -> None:
    def fail() -> None:
        with scratch_folder(tmp_path) as folder:
            (folder / "x").write_bytes(b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not taken for a name that exists: then other names would be tried for hours."""
    asked: list[object] = []

    def refuse(*words: object, **_more: object) -> int:
        asked.append(words)
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("os.open", refuse)
    with pytest.raises(PermissionError):
        open_scratch(tmp_path)
    monkeypatch.undo()
    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(PermissionError), scratch_folder(tmp_path):
        pass
    assert len(asked) == 2


def test_what_a_killed_program_left_is_removed_after_a_day(tmp_path: Path) -> None:
    names = ("benchmark 0123abcd", "rehearsal 89abcdef", "mine")
    old, in_use, other = (tmp_path / name for name in names)
    for folder in (old, in_use, other):
        folder.mkdir()
        (folder / "x").write_text("x")
        for path in (folder / "x", folder):
            os.utime(path, (0, 0))
    (in_use / "y").write_text("y")
    clean_scratch(tmp_path)
    clean_scratch(tmp_path / "none")
    assert [f.exists() for f in (old, in_use, other)] == [False, True, True]
