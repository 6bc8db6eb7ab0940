"""The one file of preferences: versions, damage, keys of others."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.preferences import DamagedError, JsonStore, Values


def _renamed(values: Values) -> Values:
    values["colour"] = values.pop("color")
    return values


STORE = JsonStore("paint", 3, {1: _renamed, 2: lambda values: {**values, "coats": 1}})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "設定" / "paint.json"


def wrote(file: Path, text: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_an_old_file_is_migrated_step_by_step(file: Path) -> None:
    wrote(file, '{"version": 1, "color": "red", "theirs": [1]}')
    assert STORE.load(file) == {"colour": "red", "coats": 1, "theirs": [1]}
    STORE.save(file, {"colour": "blue", "coats": 2})
    saved = json.loads(file.read_text(encoding="utf-8"))
    assert saved == {"version": 3, "theirs": [1], "colour": "blue", "coats": 2}


def test_a_newer_file_is_taken_as_it_is(file: Path) -> None:
    wrote(file, '{"version": 9, "color": "red"}')
    assert STORE.read(file) == {"version": 9, "color": "red"}


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "[" * 100_000, " " * (1 << 21)])
def test_a_damaged_file_is_told_and_put_aside_before_it_is_written(
    file: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    wrote(file, text)
    with pytest.raises(DamagedError):
        STORE.read(file)
    assert STORE.load(file) == {}
    assert "paint" in caplog.text
    assert file.read_text(encoding="utf-8") == text, "whoever edited it can mend it"
    STORE.save(file, {"colour": "blue"})
    (aside,) = set(file.parent.iterdir()) - {file}
    assert aside.name.startswith("paint-damaged-")
    assert aside.read_text(encoding="utf-8") == text
    assert aside.name in caplog.text


def test_a_migration_that_does_not_fit_is_damage(file: Path) -> None:
    with pytest.raises(DamagedError, match="version 1"):
        STORE.read(wrote(file, '{"version": 1}'))


@pytest.mark.parametrize("version", ["true", '"1"', "null", "-1000000000000", "1.5"])
def test_a_version_that_makes_no_sense_is_no_damage(file: Path, version: str) -> None:
    wrote(file, f'{{"version": {version}, "color": "red"}}')
    assert STORE.load(file)


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError):
        STORE.save(tmp_path / "file" / "paint.json", {})
