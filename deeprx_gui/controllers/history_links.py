"""What the History page asks of the Teach page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from deeprx_gui.domain.view import Shape

if TYPE_CHECKING:
    from deeprx_gui.controllers.history_controller import HistoryController
    from deeprx_gui.controllers.history_queries import FalseCallPictures
    from deeprx_gui.controllers.job_service import JobService
    from deeprx_gui.controllers.teach_controller import TeachController


class HistoryLinks(QObject):
    """Goes on the Teach page with what History found; ``show_teach`` brings that page up."""

    def __init__(
        self,
        job_service: JobService,
        show_teach: Callable[[], None],
        teach: Callable[[], TeachController],
        history: Callable[[], HistoryController],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._job_service, self._show_teach = job_service, show_teach
        self._teach, self._history = teach, history

    @Slot(object)
    def learn_from(self, normals: FalseCallPictures) -> None:
        """Lay pictures of false calls into the tray of their product, for its next revision."""

        def add() -> None:
            self._show_teach()
            self._teach().add(normals.paths)
            self._history().tell_normals(normals)

        self._job_service.with_product(normals.profile_id, add)

    @Slot(object)
    def ignore_area(self, shape: Shape) -> None:
        """Leave an area out of the next revision of the open product."""
        self._show_teach()
        self._teach().ignore_area(shape)
