"""What every command gets: where things live, who asks, and the engine room."""

from __future__ import annotations

from dataclasses import dataclass

from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engines import Engines
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.settings import Settings


@dataclass(frozen=True)
class Context:
    """Built once by ``main`` and passed in."""

    paths: Paths
    settings: Settings
    store: ProfileStore
    library: BackboneLibrary

    def engines(self, runtime: str = "auto") -> Engines:
        """Return an engine room for this command."""
        return Engines(self.library, runtime)
