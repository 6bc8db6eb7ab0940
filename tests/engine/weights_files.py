"""Weights files made by a test, and a catalogue that takes them for published ones."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.engine.backbones.catalogue import BACKBONES, Published
from deeprx_gui.engine.backbones.library import BackboneLibrary

Publish = Callable[[str, object], Path]
"""``published(name, what)`` saves ``what`` as a file the catalogue takes for backbone ``name``."""


def announce(monkeypatch: pytest.MonkeyPatch, name: str, file: Path) -> None:
    """Put the file's hash into the catalogue, as the only one for this backbone."""
    spec = BACKBONES[name]
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    entry = replace(spec, published=(Published(sha256, max(spec.channels), "made by a test"),))
    monkeypatch.setitem(BACKBONES, name, entry)


def folder_of(library: BackboneLibrary) -> Path:
    """Where the library keeps what was imported."""
    return library._folder
