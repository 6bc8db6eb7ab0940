"""A store in a folder with a Japanese name and a blank, as on many a line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deeprx_gui.profiles.store import ProfileStore


@pytest.fixture(autouse=True)
def _no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests save thousands of times; that fsync is called, and when, has its own test."""
    monkeypatch.setattr(os, "fsync", lambda _handle: None)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Where the store keeps its profiles."""
    return tmp_path / "検査 データ" / "profiles"


@pytest.fixture
def store(root: Path) -> ProfileStore:
    """An empty store."""
    return ProfileStore(root)
