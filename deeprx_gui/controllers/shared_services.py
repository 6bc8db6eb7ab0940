"""What the window works with, made from its data folder."""

from __future__ import annotations

from deeprx_gui.access import PinAccess
from deeprx_gui.atomic import clean_leftovers
from deeprx_gui.central import password as passwords
from deeprx_gui.controllers.job_service import SharedServices
from deeprx_gui.engine.backbones.library import BackboneLibrary
from deeprx_gui.engine.engine_pool import EnginePool
from deeprx_gui.paths import Paths
from deeprx_gui.people.station_people import StationPeople
from deeprx_gui.profiles.journal import ProfileEvent
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.scratch import clean_scratch
from deeprx_gui.work.check_incoming import check_incoming, check_outgoing
from deeprx_gui.work.held_out_frames import highest_held_out


def make_services(paths: Paths) -> SharedServices:
    """Return the window's services, with what killed programs left behind removed.

    Each change to a product is noted in the access log, and in the audit trail where there is a
    centre.
    """
    library = BackboneLibrary(paths.backbones)
    access = PinAccess(paths.access_file)
    people = StationPeople.open(paths, passwords.read, passwords.sealing, passwords.PeopleMark())
    guard = LoggedChanges(access, people)
    store = ProfileStore(paths.profiles, guard, check_incoming, check_outgoing)
    clean_leftovers(*paths.written)
    clean_scratch(paths.scratch)
    store.tidy()
    engines = EnginePool(library, cache=paths.cache, held_out=highest_held_out)
    return SharedServices(paths, store, library, engines, access, people)


class LoggedChanges:
    """The guard of the window's ``ProfileStore``: operator mode keeps out who may not change."""

    def __init__(self, access: PinAccess, people: StationPeople) -> None:
        self._access, self._people = access, people

    def allow(self) -> None:
        """Let everybody change who got so far."""

    def changed(
        self, event: ProfileEvent, name: str, revision: int, who: str, *, overruled: str = ""
    ) -> None:
        """Note a change in the access log and the audit trail."""
        self._access.note_change(f"product {event}", who, product=name, revision=revision)
        self._people.note_product(event, name, revision, who, overruled)
