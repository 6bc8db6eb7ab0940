"""Preferences come back as they were left, and never keep the program from starting."""

from __future__ import annotations

import dataclasses
import getpass
import json
import os
from pathlib import Path

import pytest

from deeprx_gui import settings
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.settings import SETTINGS, Kind, Settings, load, save


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "設定" / "settings.json"


def test_the_first_start_gets_the_defaults(file: Path) -> None:
    assert load(file) == Settings()
    assert not file.exists()


def test_what_was_saved_comes_back(file: Path) -> None:
    changed = Settings(
        language="ja",
        theme="dark",
        operator="佐藤",
        preset="fast",
        overlay_opacity=0.25,
        image_folder=r"D:\画像\良品",
        export_folder="/srv/出力",
    )
    save(changed, file)
    assert load(file) == changed
    assert [f.name for f in file.parent.iterdir()] == ["settings.json"]
    assert "佐藤" in file.read_text(encoding="utf-8"), "a person can read the file"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("language", "fr"),
        ("language", 3),
        ("theme", None),
        ("preset", "enormous"),
        ("operator", ["a"]),
        ("image_folder", "a\0b"),
        ("overlay_opacity", 1.5),
        ("overlay_opacity", True),
        ("overlay_opacity", "half"),
    ],
)
def test_a_senseless_value_is_dropped_and_the_others_stay(
    file: Path, caplog: pytest.LogCaptureFixture, key: str, value: object
) -> None:
    save(Settings(export_folder="kept"), file)
    raw = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**raw, key: value}), encoding="utf-8")
    assert load(file) == Settings(export_folder="kept")
    assert f"setting {key}" in caplog.text


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[1]", b"null", b"\xff\xfe\x00", b"[" * 100_000, b'{"overlay_opacity": NaN}'],
    ids=["empty", "cut", "list", "null", "binary", "deep", "nan"],
)
def test_a_damaged_file_means_the_defaults(
    file: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    assert load(file) == Settings()
    assert "default" in caplog.text


def test_a_folder_in_its_place_means_the_defaults(file: Path) -> None:
    file.mkdir(parents=True)
    assert load(file) == Settings()


def test_keys_of_a_newer_program_survive(file: Path) -> None:
    file.parent.mkdir()
    newer = {"version": 9, "language": "ja", "beam": {"on": True}}
    file.write_text(json.dumps(newer), encoding="utf-8")
    loaded = load(file)
    assert loaded.language == "ja"
    save(dataclasses.replace(loaded, theme="dark"), file)
    again = json.loads(file.read_text(encoding="utf-8"))
    assert again["beam"] == {"on": True}
    assert again["theme"] == "dark"
    assert again["version"] == settings.VERSION


def test_a_byte_order_mark_is_taken(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('\ufeff{"theme": "dark"}', encoding="utf-8")
    assert load(file).theme == "dark"


def test_a_failed_save_says_what_to_do_and_keeps_the_old_file(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(Settings(theme="dark"), file)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StorageError, match="disk is not full"):
        save(Settings(theme="light"), file)
    assert load(file).theme == "dark"
    assert [f.name for f in file.parent.iterdir()] == ["settings.json"]


def test_no_folder_to_write_to_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="you may write there"):
        save(Settings(), tmp_path / "file" / "settings.json")


def test_the_table_names_every_field_and_its_default_is_allowed() -> None:
    fields = {f.name for f in dataclasses.fields(Settings)} - {"extra"}
    assert {s.key for s in SETTINGS} == fields
    assert len(SETTINGS) == len(fields)
    assert all(s.allowed(getattr(Settings(), s.key)) for s in SETTINGS)
    assert all(s.title is not None for s in SETTINGS if s.kind is not Kind.HIDDEN)
    assert all(s.allowed(c.value) for s in SETTINGS for c in s.choices)


def test_who_is_the_name_given_or_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "line3")
    assert Settings().who == "line3"
    assert Settings(operator=" 佐藤 ").who == "佐藤"

    def nameless() -> str:
        raise KeyError("uid not found")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert Settings().who == ""


def test_the_language_follows_the_system_until_one_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings, "system_language", lambda: "ja")
    assert Settings().language_code == "ja"
    assert Settings(language="en").language_code == "en"


def test_a_name_longer_than_anybody_types_is_not_taken(tmp_path: Path) -> None:
    file = tmp_path / "settings.json"
    file.write_text(json.dumps({"version": 1, "operator": "A" * 200_000}), encoding="utf-8")
    assert settings.load(file).operator == ""
