"""The tray of normal images: what a profile is to learn from, and what was learnt about each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QUndoCommand, QUndoStack

from deeprx_gui.domain.message import Message
from deeprx_gui.i18n import tr
from deeprx_gui.state.weak_callback import weak_callback

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()

IMAGE_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""The ``TrayImage`` of a row."""


@dataclass(frozen=True)
class TrayImage:
    """One normal image.

    ``times_limit`` is its held-out score as a multiple of the limit, once learnt. ``suspect``: it
    does not look like the others. ``problem``: why it was not used; ``misplaced``: because the part
    was not found in it, otherwise because it could not be read. ``left_out``: it stays in sight,
    and nothing is learnt from it.
    """

    path: Path
    times_limit: float | None = None
    suspect: bool = False
    problem: Message | None = None
    left_out: bool = False
    misplaced: bool = False


@dataclass(frozen=True)
class _Contents:
    """What one step of undo goes back to."""

    paths: tuple[Path, ...]
    left_out: frozenset[Path] = frozenset()


class TrayModel(QAbstractListModel):
    """The images in order; every change of the list can be undone.

    ``changed`` tells that images came or went, or were scored.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images: tuple[TrayImage, ...] = ()
        self._marks: dict[Path, TrayImage] = {}
        self._undo = QUndoStack(self)

    @property
    def images(self) -> tuple[TrayImage, ...]:
        return self._images

    @property
    def paths(self) -> tuple[Path, ...]:
        """All of them, also those left out."""
        return tuple(i.path for i in self._images)

    @property
    def normals(self) -> tuple[Path, ...]:
        """Those to learn from."""
        return tuple(i.path for i in self._images if not i.left_out)

    @property
    def left_out(self) -> tuple[Path, ...]:
        """Those that nothing is learnt from."""
        return tuple(i.path for i in self._images if i.left_out)

    @property
    def suspects(self) -> tuple[TrayImage, ...]:
        """Those that do not look like the others, and are not left out."""
        return tuple(i for i in self._images if i.suspect and not i.left_out)

    @property
    def undo_stack(self) -> QUndoStack:
        return self._undo

    def add(self, paths: Iterable[Path]) -> int:
        """Append images that are not in the tray yet; return how many that were."""
        known = set(self.paths)
        new = [p for p in dict.fromkeys(paths) if p not in known]
        if new:
            self._change(replace(self._contents, paths=(*self.paths, *new)))
        return len(new)

    def remove(self, paths: Iterable[Path]) -> int:
        """Take images out; return how many that were."""
        gone = set(paths)
        left = tuple(p for p in self.paths if p not in gone)
        taken = len(self._images) - len(left)
        if taken:
            self._change(_Contents(left, frozenset(self.left_out) - gone))
        return taken

    def leave_out(self, paths: Iterable[Path], *, out: bool = True) -> int:
        """Mark images as left out, or not ``out`` use them again; return how many that changed."""
        before = self._contents
        wanted = frozenset(paths) & frozenset(before.paths)
        after = before.left_out | wanted if out else before.left_out - wanted
        changed = len(after ^ before.left_out)
        if changed:
            self._change(replace(before, left_out=after))
        return changed

    def fill(self, paths: Iterable[Path], left_out: Iterable[Path] = ()) -> None:
        """Start with these images and nothing to undo."""
        self._undo.clear()
        self._marks.clear()
        gone = tuple(left_out)
        self._show(_Contents(tuple(dict.fromkeys((*paths, *gone))), frozenset(gone)))

    def mark(
        self,
        times_limit: Mapping[Path, float],
        suspects: Sequence[Path],
        problems: Mapping[Path, Message],
        misplaced: Collection[Path] = (),
    ) -> None:
        """Show what was learnt: unused first, then suspects, then by score, highest first.

        Those left out come last. Not a step of undo: it changes nothing about what will be learnt
        from.
        """
        order = {path: rank for rank, path in enumerate(suspects)}
        marked = [
            replace(
                image,
                times_limit=times_limit.get(image.path),
                suspect=image.path in order,
                problem=problems.get(image.path),
                misplaced=image.path in misplaced,
            )
            for image in self._images
        ]
        last = len(order)
        marked.sort(
            key=lambda i: (
                i.left_out,
                i.problem is None,
                order.get(i.path, last),
                -(i.times_limit if i.times_limit is not None else -1.0),
            )
        )
        self._marks = {image.path: image for image in marked}
        self._show(replace(self._contents, paths=tuple(image.path for image in marked)))

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        return 0 if parent.isValid() else len(self._images)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:  # noqa: ANN401
        """Return the file name, the whole path as a tip, or the ``TrayImage`` itself."""
        if not index.isValid() or index.row() >= len(self._images):
            return None
        image = self._images[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return image.path.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return str(image.path)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(image)
        return image if role == IMAGE_ROLE else None

    @property
    def _contents(self) -> _Contents:
        return _Contents(self.paths, frozenset(self.left_out))

    def _change(self, after: _Contents) -> None:
        self._undo.push(_TrayCommand(weak_callback(self._show), self._contents, after))

    def _show(self, contents: _Contents) -> None:
        images = tuple(
            replace(self._marks.get(p) or TrayImage(p), left_out=p in contents.left_out)
            for p in contents.paths
        )
        kept = len(self._images)
        if len(images) > kept and images[:kept] == self._images:
            # Appending keeps the selection and the place in the list.
            self.beginInsertRows(QModelIndex(), kept, len(images) - 1)
            self._images = images
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._images = images
            self.endResetModel()
        self.changed.emit()


def _spoken(image: TrayImage) -> str:
    """Say what the tile shows, for a screen reader."""
    name = image.path.name
    if image.problem is not None and image.misplaced:
        return tr("{name}: the part is not in place", name=name)
    if image.problem is not None:
        return tr("{name}: cannot be read", name=name)
    if image.left_out:
        return tr("{name}: left out, nothing is learnt from it", name=name)
    if image.times_limit is None:
        return name
    times = f"{image.times_limit:.2f}"
    if image.suspect:
        return tr(
            "{name}: {times} × limit, looks different from the others", name=name, times=times
        )
    return tr("{name}: {times} × limit", name=name, times=times)


class _TrayCommand(QUndoCommand):
    """Show another list of images."""

    def __init__(
        self,
        show: Callable[[_Contents], None],
        before: _Contents,
        after: _Contents,
    ) -> None:
        super().__init__()
        self._show = show
        self._before = before
        self._after = after

    def redo(self) -> None:
        self._show(self._after)

    def undo(self) -> None:
        self._show(self._before)
