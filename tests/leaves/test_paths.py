"""Everything lies in one folder, and the folder is the right one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from deeprx_gui import paths
from deeprx_gui.paths import Paths, default_data_dir


def test_everything_lies_inside_the_data_folder(tmp_path: Path) -> None:
    places = Paths(tmp_path / "検査 データ")
    inside = [
        places.profiles,
        places.backbones,
        places.cache,
        places.logs,
        places.settings_file,
        places.window_file,
        places.scratch,
    ]
    assert all(place.parent == places.data for place in inside)
    assert len(set(inside)) == len(inside)
    assert not places.data.exists(), "looking creates nothing"


def test_the_variable_moves_everything(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DEEPRX_DATA_DIR", str(tmp_path))
    assert default_data_dir() == tmp_path
    monkeypatch.setenv("DEEPRX_DATA_DIR", "relative")
    assert default_data_dir() == Path.cwd() / "relative"


@pytest.mark.skipif(os.name == "nt", reason="XDG is not for Windows")
@pytest.mark.parametrize(
    ("xdg", "expected"),
    [("/srv/data", "/srv/data/deeprx-inspector"), ("", None), ("not/absolute", None)],
)
def test_on_linux_it_is_the_xdg_data_folder(
    monkeypatch: pytest.MonkeyPatch, xdg: str, expected: str | None
) -> None:
    monkeypatch.delenv("DEEPRX_DATA_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", xdg)
    monkeypatch.setenv("HOME", "/home/佐藤")
    assert default_data_dir() == Path(expected or "/home/佐藤/.local/share/deeprx-inspector")


def test_on_windows_it_is_the_users_folder_or_the_shared_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOCALAPPDATA", "/Users/佐藤/AppData/Local")
    monkeypatch.setenv("PROGRAMDATA", "/ProgramData")
    own = paths.windows_data_dir(shared=False)
    assert own == Path("/Users/佐藤/AppData/Local/DeepRXInspector")
    assert paths.windows_data_dir(shared=True) == Path("/ProgramData/DeepRXInspector")
    monkeypatch.delenv("LOCALAPPDATA")
    assert paths.windows_data_dir(shared=False).parts[-3:] == (
        "AppData",
        "Local",
        "DeepRXInspector",
    )


def test_the_installers_marker_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "deeprx-gui.exe"))
    assert not paths.installed_for_all_users()
    (tmp_path / paths.SHARED_MARKER).touch()
    assert paths.installed_for_all_users()


def test_the_resources_are_found() -> None:
    assert (paths.resources_dir() / "i18n" / "ja.mo").is_file()
