"""The window: rail, header, pages, status line. It assembles.

What happens is decided by the controllers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QCloseEvent, QKeyEvent, QUndoGroup
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QMainWindow,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from deeprx_gui.domain.message import Message
from deeprx_gui.i18n import tr
from deeprx_gui.settings import Settings
from deeprx_gui.state.notice import Notice, NoticeKind
from deeprx_gui.state.session import Session
from deeprx_gui.ui.actions import build_actions
from deeprx_gui.ui.header import Header
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, follow
from deeprx_gui.ui.kit.scan_filter import NOT_USED, ScanFilter
from deeprx_gui.ui.kit.sheets import KeysSheet, SettingsSheet
from deeprx_gui.ui.kit.status_line import StatusLine
from deeprx_gui.ui.page import Page
from deeprx_gui.ui.rail import Rail
from deeprx_gui.ui.self_test_sheet import SelfTestSheet

_SMALLEST = (900, 520)
_USUAL = (1280, 800)
_FRAME = 40
"""How high the frame around a window can be: with it the window must fit above a task bar."""
_FOR_OPERATORS = frozenset({"run"})


@dataclass(frozen=True)
class PageEntry:
    """One entry of the rail. ``make`` makes the page and hands it to ``MainWindow.add_page``."""

    icon: str
    title: Message
    make: Callable[[], Page]


class MainWindow(QMainWindow):
    """Signals say what a person asked of the window itself; pages have their own.

    ``close_requested``: the person wants out; answer with ``let_close`` when nothing would be lost.
    ``leave_requested``: the same in operator mode.
    ``guide_requested`` carries the name of the page whose chapter is wanted.
    """

    save_requested = Signal()
    cancel_requested = Signal()
    close_requested = Signal()
    leave_requested = Signal()
    guide_requested = Signal(str)

    def __init__(self, session: Session, entries: Sequence[PageEntry], settings: Settings) -> None:
        super().__init__()
        self._session = session
        self._entries = tuple(entries)
        self._pages: dict[int, Page] = {}
        self._may_close = self._asking = self._busy = False
        self._operator: Page | None = None
        self._shown_before = Qt.WindowState.WindowNoState
        self.rail = Rail([entry.icon for entry in entries])
        self.header = Header(session)
        self.status = StatusLine()
        self.settings_sheet = SettingsSheet(settings, self)
        self.keys_sheet = KeysSheet(self)
        self.self_test_sheet = SelfTestSheet(self)
        self.scans = ScanFilter(self)
        self._stack = QStackedWidget()
        for _entry in entries:
            self._stack.addWidget(QWidget())  # until the page is made
        self._undo = QUndoGroup(self)
        self.actions_by_key = build_actions(
            self,
            {
                **{f"page.{n}": partial(self.show_page, n) for n in range(len(entries))},
                "images": self._choose_images,
                "run": self._run_main,
                "cancel": self.cancel_requested.emit,
                "undo": self._undo.undo,
                "redo": self._undo.redo,
                "save": self.save_requested.emit,
                "guide": self._ask_guide,
                "keys": self._show_keys,
                "quit": self._close,
            },
        )
        self._lay_out()
        self._connect()
        self.show_page(0)
        self.set_busy(False)
        keys = [self.actions_by_key[f"page.{n}"].shortcut().toString() for n in range(len(entries))]
        self.rail.bind_titles([entry.title for entry in self._entries], keys)
        follow(self._show_title, Change.LANGUAGE)

    def _lay_out(self) -> None:
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.header)
        right.addWidget(self._stack, 1)
        right.addWidget(self.status)
        whole = QWidget()
        row = QHBoxLayout(whole)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(right, 1)
        self.setCentralWidget(whole)
        room = self.screen().availableSize() - QSize(0, _FRAME)
        self.setMinimumSize(QSize(*_SMALLEST).boundedTo(room))
        self.resize(QSize(*_USUAL).boundedTo(room))
        self.setWindowIcon(theme.app_icon())

    def _connect(self) -> None:
        self.rail.chosen.connect(self.show_page)
        self.scans.dropped.connect(self._scan_dropped)
        self.header.save.clicked.connect(self.save_requested)
        self.header.settings.clicked.connect(self._show_settings)
        for button, show in (
            (self.settings_sheet.keys, self._show_keys),
            (self.settings_sheet.guide, self._ask_guide),
            (self.settings_sheet.self_test, self._show_self_test),
        ):
            button.clicked.connect(self.settings_sheet.close_sheet)
            button.clicked.connect(show)
        for signal in (
            self._session.profile_changed,
            self._session.profile_saved,
            self._session.dirty_changed,
        ):
            signal.connect(self._show_title)

    def add_page(self, number: int, page: Page) -> None:
        """Put a page into its place."""
        self._pages[number] = page
        shown = self._stack.currentIndex() == number
        waiting = self._stack.widget(number)
        self._stack.insertWidget(number, page)
        if shown:
            self._stack.setCurrentIndex(number)
        self._stack.removeWidget(waiting)
        waiting.deleteLater()
        page.undo_switched.connect(self._follow_undo)

    def _page(self, number: int) -> Page:
        if number not in self._pages:
            page = self._entries[number].make()
            if number not in self._pages:
                self.add_page(number, page)
        return self._pages[number]

    @property
    def place(self) -> QWidget:
        """Where pages stand: one made there is not moved, with everything in it, to get there."""
        return self._stack

    @property
    def pages_made(self) -> int:
        """How many pages are made already."""
        return len(self._pages)

    @property
    def page(self) -> int:
        """The number of the page that is shown."""
        return self._stack.currentIndex()

    @Slot(int)
    def show_page(self, number: int, *_checked: bool) -> None:
        """Show a page; an unknown number shows the first."""
        number = number if 0 <= number < len(self._entries) else 0
        page = self._page(number)
        self._stack.setCurrentIndex(number)
        self.rail.show_page(number)
        page.setFocus(Qt.FocusReason.OtherFocusReason)
        self._follow_undo()

    @Slot()
    def _follow_undo(self) -> None:
        stack = self._page(self.page).undo_stack()
        if stack is not None and stack not in self._undo.stacks():
            self._undo.addStack(stack)
        self._undo.setActiveStack(stack)  # type: ignore[arg-type] # Qt takes none as well

    def set_busy(self, busy: bool) -> None:
        """Say whether a job runs that Escape can stop."""
        self._busy = busy
        self.actions_by_key["cancel"].setEnabled(busy and self._operator is None)

    def set_operator(self, page: Page | None) -> None:
        """Show one page alone, full screen, and allow no command but its own; ``None``: all."""
        if page is not None and self._operator is None:
            self._shown_before = self.windowState()
        self._operator = page
        for part in (self.rail, self.header):
            part.setVisible(page is None)
        for key, action in self.actions_by_key.items():
            action.setEnabled(page is None or key in _FOR_OPERATORS)
        self.set_busy(self._busy)
        if page is None:
            self.setWindowState(self._shown_before)
            return
        self.status.clear()
        self.show_page(next(n for n, own in self._pages.items() if own is page))
        self.setWindowState(self._shown_before | Qt.WindowState.WindowFullScreen)

    def tell(self, notice: Notice) -> None:
        """Show a sentence in the status line."""
        self.status.show_message(notice.message, notice.kind, notice.action, notice.run)

    def ask_about_unsaved(self) -> QMessageBox.StandardButton:
        """Ask what to do with moved limits: ``Save``, ``Discard`` or ``Cancel``."""
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(tr("Limits not saved"))
        name = self._session.profile.name if self._session.profile is not None else ""
        box.setText(tr("You moved the limits of “{name}”. Save them?", name=name))
        box.setInformativeText(tr("What is not saved is lost when you go on."))
        choices = QMessageBox.StandardButton
        box.setStandardButtons(choices.Save | choices.Discard | choices.Cancel)
        for which, text in (
            (choices.Save, tr("Save")),
            (choices.Discard, tr("Do not save")),
            (choices.Cancel, tr("Cancel")),
        ):
            button = box.button(which)
            button.setText(text)
        save = box.button(choices.Save)
        if isinstance(save, QPushButton):
            save.setProperty("kind", "primary")
            box.setDefaultButton(save)
        box.exec()
        return box.standardButton(box.clickedButton())

    def ask_about_import(
        self, products: Sequence[tuple[str, str]], run: Callable[[], None]
    ) -> None:
        """Ask whether to import these products, without stopping anything meanwhile.

        ``products``: each one's name and the name of its file.
        """
        box = QMessageBox(self)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle(tr("Import profiles"))
        named = [tr("“{product}” from {file}", product=p, file=f) for p, f in products]
        one = len(named) == 1  # in Japanese, too, one product is not counted
        many = tr("Import these {n} products?", n=len(named))
        box.setText(tr("Import this product?") if one else many)
        kept = tr("What is imported becomes new. No product that is here is overwritten.")
        box.setInformativeText("\n".join([*named, "", kept]))
        agree = box.addButton(tr("Import"), QMessageBox.ButtonRole.AcceptRole)
        box.addButton(tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(agree)
        agree.clicked.connect(run)
        box.finished.connect(box.deleteLater)
        box.open()

    def let_close(self) -> None:
        """Close without asking again."""
        self._may_close = True
        if not self._asking:  # Qt ignores a close within a close; closeEvent accepts that one
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close only after unsaved changes are handled."""
        if self._operator is not None and not self._may_close:
            self.leave_requested.emit()
        elif not self._may_close:
            self._asking = True
            self.close_requested.emit()
            self._asking = False
        event.setAccepted(self._may_close)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press the focused button on Enter, too, once nothing below wanted the key."""
        focused = self.focusWidget()
        enter = event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter}
        if enter and isinstance(focused, QAbstractButton) and not event.isAutoRepeat():
            focused.click()
        else:
            super().keyPressEvent(event)

    @Slot()
    def _show_title(self) -> None:
        profile = self._session.profile
        program = tr("Deep RX Inspector")
        self.setWindowModified(self._session.dirty)
        self.setWindowTitle(program if profile is None else f"{profile.name}[*] – {program}")

    @Slot()
    def _scan_dropped(self) -> None:
        self.tell(Notice(NOT_USED, NoticeKind.WARNING))

    @Slot()
    def _choose_images(self) -> None:
        self._page(self.page).choose_images()

    @Slot()
    def _run_main(self) -> None:
        self._page(self.page).run_main()

    @Slot()
    def _show_settings(self) -> None:
        self.settings_sheet.open(self.header.settings)

    @Slot()
    def _ask_guide(self) -> None:
        self.guide_requested.emit(self._entries[self.page].icon)

    @Slot()
    def _show_keys(self) -> None:
        self.keys_sheet.open()

    @Slot()
    def _show_self_test(self) -> None:
        self.self_test_sheet.open()

    @Slot()
    def _close(self) -> None:
        self.close()
