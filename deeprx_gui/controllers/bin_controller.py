"""Deleting profiles: the question before, the way back afterwards, the bin."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Slot

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.domain.message import say, say_n
from deeprx_gui.domain.profile_card import BinnedProfile
from deeprx_gui.state.commands import DeletedProfile
from deeprx_gui.state.notice import NoticeKind
from deeprx_gui.state.profiles import ProfilesModel
from deeprx_gui.state.weak_callback import weak_callback
from deeprx_gui.ui.profiles.page import ProfilesPage


class BinController(QObject):
    """``refresh`` reads the list of profiles again."""

    def __init__(
        self,
        job_service: JobService,
        model: ProfilesModel,
        page: ProfilesPage,
        refresh: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._job_service, self._model, self._page = job_service, model, page
        self._store = job_service.services.store
        self._refresh = refresh
        page.details.delete_requested.connect(self.ask_to_delete)
        page.bin_button.clicked.connect(self.show_bin)
        page.bin.restore_requested.connect(self.restore)
        page.bin.empty.clicked.connect(self.ask_to_empty)

    @property
    def _who(self) -> str:
        return self._job_service.settings.who

    @Slot(str)
    def ask_to_delete(self, profile_id: str) -> None:
        """Ask, by its name, whether a profile is to be moved to the bin."""
        row = self._model.row_of(profile_id)
        if row is None:
            return
        name = self._model.cards[row].name
        self._page.confirm.ask(
            say("Move “{name}” with all its revisions to the bin?", name=name),
            say("Move to the bin"),
            partial(self.delete, profile_id, name),
            say("Keep it"),
        )

    def delete(self, profile_id: str, name: str) -> None:
        """Move a profile to the bin; the status line and Ctrl+Z take that back."""
        session = self._job_service.session
        is_open = session.profile is not None and session.profile.id == profile_id

        def done(_nothing: None) -> None:
            if is_open:
                session.close_profile()
            undo = DeletedProfile(weak_callback(self.restore), profile_id)
            self._model.undo_stack.push(undo)
            self._job_service.tell(
                say("“{name}” was moved to the bin.", name=name),
                NoticeKind.INFO,
                say("Undo"),
                lambda: self.restore(profile_id),
            )
            self._refresh()

        def call() -> None:
            self._job_service.ask(
                lambda: self._store.delete(profile_id, who=self._who),
                say("Saving…"),
                done,
                self._refresh,
            )

        if is_open:
            self._job_service.guard(call)
        else:
            call()

    def restore(self, profile_id: str) -> None:
        """Take a profile out of the bin."""

        def done(_nothing: None) -> None:
            self._page.view.select(profile_id)
            self._job_service.tell(say("The profile is back."))
            self._changed()

        self._job_service.ask(
            lambda: self._store.restore(profile_id, who=self._who),
            say("Saving…"),
            done,
            self._changed,
        )

    @Slot()
    def show_bin(self) -> None:
        """Read what lies in the bin and show it."""

        def done(profiles: tuple[BinnedProfile, ...]) -> None:
            self._page.bin.show_profiles(profiles)
            if not self._page.bin.isVisible():
                self._page.bin.open()

        self._job_service.ask(self._store.binned, say("Reading the bin"), done)

    @Slot()
    def ask_to_empty(self) -> None:
        """Ask whether what is shown is to be deleted for good."""
        profiles = self._page.bin.profiles
        places = frozenset(profile.place for profile in profiles)
        self._page.bin.close_sheet()
        self._page.confirm.ask(
            say(
                "Delete for good: {names}? This cannot be undone.",
                names=", ".join(f"“{profile.name}”" for profile in profiles),
            ),
            say("Delete for good"),
            partial(self._empty, places),
            say("Keep them"),
        )

    def _empty(self, places: frozenset[str]) -> None:
        def done(gone: int) -> None:
            self._model.undo_stack.clear()
            self._job_service.tell(
                say_n(
                    "{n} profile was deleted for good.",
                    "{n} profiles were deleted for good.",
                    n=gone,
                ),
                NoticeKind.INFO,
            )

        self._job_service.ask(
            lambda: self._store.empty_bin(places, who=self._who), say("Deleting…"), done
        )

    def _changed(self) -> None:
        self._refresh()
        if self._page.bin.isVisible():
            self.show_bin()
