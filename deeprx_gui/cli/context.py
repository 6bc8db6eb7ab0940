"""What every command gets: where things live, who asks, and the engine room."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.cli.engineer import EngineerGuard
from deeprx_gui.cli.parser import closest
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.settings import Settings
from deeprx_gui.work.held_out_frames import highest_held_out


@dataclass(frozen=True)
class Context:
    """Built once by ``main`` and passed in."""

    paths: Paths
    settings: Settings
    store: ProfileStore
    guard: EngineerGuard
    library: BackboneLibrary

    def engines(self, runtime: str = "auto") -> EnginePool:
        """Return an engine room for this command."""
        return EnginePool(self.library, runtime, self.paths.cache, highest_held_out)

    def find(self, name: str) -> str:
        """Return the id of the profile with this name or id.

        Raises RequestError that says which one was probably meant.
        """
        found = self.store.find_id(name)
        if found is None:
            raise RequestError(self._unknown(name))
        return found

    def _unknown(self, name: str) -> Message:
        names = [card.name for card in self.store.list()]
        if not names:
            return say(
                "There is no profile “{name}”, nor any other yet. Learn one with “{command}”.",
                name=name,
                command="deeprx fit NAME IMAGES...",
            )
        near = closest(name, names)
        if near is not None:
            return say("There is no profile “{name}”. Did you mean “{near}”?", name=name, near=near)
        if Path(name).exists():
            return say(
                "“{name}” is a file or folder, not a profile. Write the profile's name first. "
                "Profiles on this PC: {known}.",
                name=name,
                known=", ".join(names),
            )
        return say(
            "There is no profile “{name}”. Choose one of: {known}.",
            name=name,
            known=", ".join(names),
        )
