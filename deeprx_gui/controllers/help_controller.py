"""Help: the user guide at the right chapter, the self-test, the zip for support, this PC."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices

from deeprx_gui import __version__
from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain import edition
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.self_test import Check, SelfTest
from deeprx_gui.i18n import language, render
from deeprx_gui.paths import resources_dir
from deeprx_gui.state.notice import Notice, NoticeKind
from deeprx_gui.ui.main_window import MainWindow
from deeprx_gui.ui.self_test_sheet import SelfTestSheet
from deeprx_gui.work.pc_remarks import pc_warnings
from deeprx_gui.work.self_checks import package_versions
from deeprx_gui.work.self_test import self_test
from deeprx_gui.work.support_file import default_name, write_support_file

_log = logging.getLogger(__name__)


class HelpController(QObject):
    """``line_runs`` says whether parts are being inspected: the self-test would slow that down."""

    def __init__(
        self, job_service: JobService, window: MainWindow, line_runs: Callable[[], bool]
    ) -> None:
        super().__init__(window)
        self._job_service, self._window, self._line_runs = job_service, window, line_runs
        self._report: dict[str, object] = {}
        self.sheet: SelfTestSheet = window.self_test_sheet
        self.sheet.strip.cancel_requested.connect(job_service.cancel)
        self.sheet.support_requested.connect(self.save_support_file)

    def look_at_this_pc(self) -> None:
        """Show warnings about this PC, such as missing write permission or an old processor."""
        data = self._job_service.services.paths.data

        def done(found: tuple[Message, ...]) -> None:
            for remark in found:
                _log.warning("%s", remark)
            if found:  # the gravest; there is one line
                self._job_service.tell(found[0], NoticeKind.WARNING)

        self._job_service.ask(lambda: pc_warnings(data), say("Looking at this PC"), done)

    # -- the guide -------------------------------------------------------------------------

    @Slot(str)
    def open_guide(self, page: str) -> None:
        """Open the chapter of a page of the window, in the language of the screen."""
        file = guide_file(page)
        if not file.is_file():
            self._job_service.tell(
                say(
                    "The user guide is not there ({file}). Install the program again; one that "
                    "runs from its source makes it with “{command}”.",
                    file=file,
                    command="python packaging/guide.py",
                ),
                NoticeKind.WARNING,
            )
        elif not QDesktopServices.openUrl(QUrl.fromLocalFile(str(file))):
            self._job_service.tell(
                say("No program on this PC opens web pages. The user guide is {file}.", file=file),
                NoticeKind.WARNING,
            )

    # -- the self-test ---------------------------------------------------------------------

    @Slot()
    def begin(self) -> None:
        """Run the self-test, unless parts are being inspected."""
        if self._line_runs():
            self.sheet.end(
                say("An inspection runs, and the self-test would slow it down. Stop it first."),
                complete=False,
            )
            return
        services = self._job_service.services

        def items(found: tuple[object, ...]) -> None:
            for item in found:
                if isinstance(item, Check):
                    self.sheet.add(item)

        def ended(notice: Notice | None) -> None:
            if notice is not None:
                self.sheet.end(notice.message, complete=False)

        self.sheet.start(say("Waiting for the other job to end"))
        self._job_service.run(
            self._job_service.engine,
            lambda: self_test(services.engines, services.paths.data),
            progress=self.sheet.show_progress,
            items=items,
            done=self._done,
            ended=ended,
            cancelled=say("The self-test was stopped."),
        )

    def _done(self, result: SelfTest) -> None:
        self._report = report_of(result)
        self.sheet.suggested_name = default_name(
            __version__, datetime.now().astimezone().strftime("%Y%m%d-%H%M")
        )
        failed = sum(not check.ok for check in result.checks)
        sentence = (
            say_n(
                "{n} check failed. What it says tells what to do; if that does not help, save the "
                "zip and send it to support.",
                "{n} checks failed. What they say tells what to do; if that does not help, save "
                "the zip and send it to support.",
                n=failed,
            )
            if failed
            else say("Everything works on this PC.")
        )
        self.sheet.end(sentence, complete=True)

    @Slot(object)
    def save_support_file(self, target: Path) -> None:
        """Write the zip, with what the last self-test found."""
        logs, report = self._job_service.services.paths.logs, self._report

        def done(file: Path) -> None:
            self._job_service.tell(say("For support: {path}", path=file))

        self._job_service.ask(
            lambda: write_support_file(target, logs=logs, report=report), say("Saving…"), done
        )


def guide_file(page: str) -> Path:
    """Return the file that leads to the chapter of a page of the window.

    One file for each page: Windows drops what stands behind “#” when a program opens a file.
    """
    return resources_dir() / "guide" / language() / f"open-{page}.html"


def report_of(result: SelfTest) -> dict[str, object]:
    """Return what the zip for support says about a self-test."""
    return {
        "ok": result.ok,
        "version": __version__,
        "edition": edition.name(),
        "packages": package_versions(),
        "checks": [
            {"name": c.name, "state": c.state.value, "detail": render(c.detail),
             "seconds": round(c.seconds, 3)}
            for c in result.checks
        ],
    }  # fmt: skip
