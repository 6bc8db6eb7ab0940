"""A store in a folder with a Japanese name and a blank, as on many a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from deeprx_gui.profiles.store import ProfileStore


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "検査 データ" / "profiles"


@pytest.fixture
def store(root: Path) -> ProfileStore:
    return ProfileStore(root)
