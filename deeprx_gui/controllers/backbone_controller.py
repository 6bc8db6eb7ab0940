"""The networks that this PC has: list, import, download."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.backbone_status import BackboneStatus
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.onnx_order import OnnxContents
from deeprx_gui.jobs.lane import once
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.ui.teach.onnx_sheet import OnnxSheet
from deeprx_gui.ui.teach.page import TeachPage


class BackboneController(QObject):
    """Answers what the page Teach asks of networks; ``onnx_sheet`` asks for layers."""

    def __init__(self, job_service: JobService, page: TeachPage, parent: QObject) -> None:
        super().__init__(parent)
        self._job_service, self._page = job_service, page
        self.onnx_sheet: OnnxSheet | None = None
        page.form.backbone.import_requested.connect(self.import_backbone)
        page.form.backbone.fetch_requested.connect(self.fetch_backbone)

    def refresh(self) -> None:
        """Show the installed networks."""
        library = self._job_service.services.library
        self._job_service.ask(library.list, say("Looking for networks"), self._page.show_backbones)

    @Slot(object)
    def import_backbone(self, file: Path) -> None:
        """Import a weights file; of an ONNX network ask first which of its layers."""
        library = self._job_service.services.library
        if file.suffix.lower() == ".onnx":
            self._look_into(file)
            return
        self._add_backbone(lambda: library.import_file(file), say("Reading the network's file"))

    def _look_into(self, file: Path) -> None:
        library, note = self._job_service.services.library, say("Reading the network's file")
        self._page.job_started(note)
        self._job_service.run(
            self._job_service.engine,
            once(lambda: library.look_into(file), note),
            progress=self._page.job_progress,
            done=partial(self._ask_for_layers, file),
            ended=self._page.job_ended,
        )

    def _ask_for_layers(self, file: Path, contents: OnnxContents) -> None:
        library, note = self._job_service.services.library, say("Importing the network")
        self.onnx_sheet = OnnxSheet(self._page.window())
        self.onnx_sheet.ordered.connect(
            lambda order: self._add_backbone(lambda: library.import_onnx(file, order), note)
        )
        self.onnx_sheet.ask(contents)

    @Slot(str)
    def fetch_backbone(self, name: str) -> None:
        """Download a backbone's weights."""
        library = self._job_service.services.library
        self._add_backbone(lambda: library.fetch(name), say("Downloading the network"))

    def _add_backbone(self, call: Callable[[], BackboneStatus], note: Message) -> None:
        self._page.job_started(note)
        self._job_service.run(
            self._job_service.engine,
            once(call, note),
            progress=self._page.job_progress,
            done=self._backbone_added,
            ended=self._page.job_ended,
        )

    def _backbone_added(self, status: BackboneStatus) -> None:
        self.refresh()
        self._page.banner.show_message(
            say("{name} is ready to be used.", name=status.title), NoticeKind.SUCCESS
        )
