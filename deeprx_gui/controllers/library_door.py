"""The library of products in the window: there while a central database is set up.

On a PC that stands alone nothing of it is imported but this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from deeprx_gui import central_settings
from deeprx_gui.jobs.lane import LeavingLanes

if TYPE_CHECKING:
    from deeprx_gui.controllers.inspect_controller import InspectController
    from deeprx_gui.controllers.library_controller import LibraryController
    from deeprx_gui.controllers.page_parts import PartsContext
    from deeprx_gui.domain.central import CentralPlace
    from deeprx_gui.ui.profiles.page import ProfilesPage


class LibraryDoor(QObject):
    """Makes ``controller`` as soon as a central database is set up, ends it when it is taken out.

    ``inspect`` gives what runs the line; ``refresh`` reads the list of profiles again.
    """

    def __init__(
        self,
        shared: PartsContext,
        page: ProfilesPage,
        inspect: Callable[[], InspectController],
        refresh: Callable[[], None],
    ) -> None:
        super().__init__(shared.job_service)
        self._shared, self._page = shared, page
        self._inspect, self._refresh = inspect, refresh
        self._place: CentralPlace | None = None
        self.controller: LibraryController | None = None
        self._leaving = LeavingLanes()
        shared.job_service.central_changed.connect(self.look_at_place)
        self.look_at_place()

    @Slot()
    def look_at_place(self) -> None:
        """Follow the library of the central database that is set up now, if any."""
        job_service = self._shared.job_service
        place = central_settings.load(job_service.services.paths.central_file)
        if place == self._place:
            return
        self._place = place
        self._leave()
        if place is not None:
            from deeprx_gui.controllers.library_controller import LibraryController

            self.controller = LibraryController(
                job_service,
                self._shared.window,
                self._page,
                place,
                inspect=self._inspect,
                refresh=self._refresh,
            )

    def _leave(self) -> None:
        """End what follows, without waiting for its thread: the window must not stand still."""
        before, self.controller = self.controller, None
        if before is not None:
            self._leaving.add(before.leave())

    def stop(self) -> bool:
        """End what follows; False when a thread, of an earlier database too, did not in time."""
        self._leave()
        return self._leaving.stop()
