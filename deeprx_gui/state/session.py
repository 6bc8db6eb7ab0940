"""Session: the profile that is open, its working limits, and what can be undone."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack

from deeprx_gui.domain.limit_setters import BadScores
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.profile import Profile
from deeprx_gui.state.commands import LimitsCommand
from deeprx_gui.state.weak_callback import weak_callback


class Session(QObject):
    """The open profile and its working limits, which may differ from the saved ones.

    ``profile_changed``: another profile or another fit is open (or none); scores made before do not
    belong to it. ``profile_saved``: the same statistics, saved as a new revision.
    ``limits_changed``: the working limits moved. ``dirty_changed``: unsaved limits came or went.
    ``planted_changed``: scores of planted defects became known.
    """

    profile_changed = Signal()
    profile_saved = Signal()
    limits_changed = Signal()
    dirty_changed = Signal(bool)
    planted_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._profile: Profile | None = None
        self._limits: Limits | None = None
        self._planted: BadScores | None = None
        self._was_dirty = False
        self._undo = QUndoStack(self)

    @property
    def profile(self) -> Profile | None:
        """The open profile, as last saved."""
        return self._profile

    @property
    def limits(self) -> Limits | None:
        """The limits everything on screen is judged with, perhaps not yet saved."""
        return self._limits

    @property
    def planted(self) -> BadScores | None:
        """What the open profile scores planted defects, ``None`` until somebody asked."""
        return self._planted

    def set_planted(self, planted: BadScores) -> None:
        """Keep what the open profile scores planted defects, as long as its fit is open."""
        self._planted = planted
        self.planted_changed.emit()

    @property
    def dirty(self) -> bool:
        """Whether the working limits differ from the saved ones."""
        return self._profile is not None and self._limits != self._profile.limits

    @property
    def undo_stack(self) -> QUndoStack:
        """Limit moves and labels given on the Check page, in the order they were made."""
        return self._undo

    def open_profile(self, profile: Profile) -> None:
        """Open a profile with its saved limits; unsaved limits of the previous one are dropped."""
        self._set(profile, profile.limits)

    def close_profile(self) -> None:
        """Close the open profile."""
        self._set(None, None)

    def set_limits(self, limits: Limits, *, merge_id: int | None = None) -> None:
        """Move the working limits, undoable.

        Moves that share a ``merge_id`` (one drag of a slider) become one step of undo. Does nothing
        when no profile is open or the limits are the same.
        """
        if self._limits is None or limits == self._limits:
            return
        limits = limits.shown_in(self._limits.unit)
        self._undo.push(LimitsCommand(weak_callback(self._apply), self._limits, limits, merge_id))

    def mark_saved(self, profile: Profile) -> None:
        """Say that ``profile``, a newer revision with the same statistics, is on disk.

        The working limits stay: moved again while the disk was busy, they are unsaved again.
        """
        self._profile = profile
        self.profile_saved.emit()
        self._tell_limits()

    def _set(self, profile: Profile | None, limits: Limits | None) -> None:
        self._profile = profile
        self._limits = limits
        self._planted = None
        self._undo.clear()
        self.profile_changed.emit()
        self._tell_limits()

    def _apply(self, limits: Limits) -> None:
        self._limits = limits
        self._tell_limits()

    def _tell_limits(self) -> None:
        self.limits_changed.emit()
        if self.dirty != self._was_dirty:
            self._was_dirty = self.dirty
            self.dirty_changed.emit(self._was_dirty)
