"""The tray of normal images: what a profile is to learn from, and what was learnt about each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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

from deeprx_gui.domain.doctor import REASON_WORDS, Reason
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.parts import PartRule, Parts, PartsFrom
from deeprx_gui.i18n import render, tr
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
    and nothing is learnt from it. ``part``: which of the parts with several pictures it shows, from
    1 on; 0: as far as is known no other picture shows its part.
    """

    path: Path
    times_limit: float | None = None
    suspect: bool = False
    problem: Message | None = None
    left_out: bool = False
    misplaced: bool = False
    part: int = 0


@dataclass(frozen=True)
class _Contents:
    """What one step of undo goes back to."""

    paths: tuple[Path, ...]
    left_out: frozenset[Path] = frozenset()
    rule: PartRule = field(default_factory=PartRule)
    accepted: frozenset[Path] = frozenset()


class TrayModel(QAbstractListModel):
    """The images in order; every change of the list can be undone.

    ``changed`` tells that images came or went, or were scored, or that a person said which show
    the same part; ``parts_changed`` that it became known which do.
    """

    changed = Signal()
    parts_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images: tuple[TrayImage, ...] = ()
        self._marks: dict[Path, TrayImage] = {}
        self._rule = PartRule()
        self._accepted: frozenset[Path] = frozenset()
        self._why: dict[Path, Reason] = {}
        self._found: dict[Path, object] = {}
        self._alike = 0
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
    def why_left_out(self) -> Mapping[Path, Reason]:
        """The doctor's reason for those of them that it had named."""
        return {path: self._why[path] for path in self.left_out if path in self._why}

    @property
    def accepted(self) -> tuple[Path, ...]:
        """Those that a person called good parts when asked about them."""
        return tuple(i.path for i in self._images if i.path in self._accepted)

    @property
    def suspects(self) -> tuple[TrayImage, ...]:
        """Those that do not look like the others, and are not left out."""
        return tuple(i for i in self._images if i.suspect and not i.left_out)

    @property
    def rule(self) -> PartRule:
        """How it is known which pictures show the same part, and what a person said of them."""
        return self._rule

    @property
    def parts(self) -> Parts:
        """The parts that those to learn from show, as far as is known yet."""
        return self._parts(self.normals)

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
            before = self._contents
            self._change(replace(before, paths=left, left_out=before.left_out - gone))
        return taken

    def leave_out(
        self,
        paths: Iterable[Path],
        *,
        out: bool = True,
        why: Mapping[Path, Reason] | None = None,
    ) -> int:
        """Mark images as left out, or not ``out`` use them again; return how many that changed.

        ``why``: the doctor's reasons, where it had named them.
        """
        self._why.update(why or {})
        before = self._contents
        wanted = frozenset(paths) & frozenset(before.paths)
        after = before.left_out | wanted if out else before.left_out - wanted
        changed = len(after ^ before.left_out)
        if changed:
            accepted = before.accepted - after
            self._change(replace(before, left_out=after, accepted=accepted))
        return changed

    def accept(self, paths: Iterable[Path], *, good: bool = True) -> None:
        """Remember that a person called these images good parts, or not ``good`` forget it.

        What is called a good part is used again.
        """
        before = self._contents
        wanted = frozenset(paths) & frozenset(before.paths)
        after = before.accepted | wanted if good else before.accepted - wanted
        left_out = before.left_out - after
        if (after, left_out) != (before.accepted, before.left_out):
            self._change(replace(before, accepted=after, left_out=left_out))

    def fill(
        self,
        paths: Iterable[Path],
        left_out: Iterable[Path] = (),
        rule: PartRule | None = None,
        accepted: Iterable[Path] = (),
        why: Mapping[Path, Reason] | None = None,
    ) -> None:
        """Start with these images and nothing to undo; ``rule``: how their parts are told apart.

        ``accepted``: those that a person called good parts before; ``why``: the doctor's reasons
        for some of those left out.
        """
        self._why = dict(why or {})
        self._undo.clear()
        self._marks.clear()
        self._found.clear()
        self._alike = 0
        gone = tuple(left_out)
        both = tuple(dict.fromkeys((*paths, *gone)))
        good = frozenset(accepted) & frozenset(both)
        self._show(_Contents(both, frozenset(gone), rule or PartRule(), good))

    def tell_apart(self, by: PartsFrom, pattern: str = "") -> None:
        """Go by folders, names or looks from now on; what a person said of pictures stays."""
        before = self._contents
        if (by, pattern) != (before.rule.by, before.rule.pattern):
            rule = replace(before.rule, by=by, pattern=pattern)
            self._change(replace(before, rule=rule))

    def say_same(self, paths: Iterable[Path]) -> None:
        """Remember that these images, and those of the same parts, show one part."""
        group = [p for path in paths for p in self.same_part(path)]
        self._say([group])

    def say_different(self, paths: Iterable[Path]) -> None:
        """Remember that each of these images shows a part of its own."""
        self._say([path] for path in paths)

    def same_part(self, path: Path) -> tuple[Path, ...]:
        """Return the images that show the same part as this one, itself among them."""
        parts = self._parts(self.paths)
        number = parts.numbers[self.paths.index(path)]
        return tuple(self.paths[place] for place in parts.groups[number])

    def show_parts(self, paths: Sequence[Path], parts: Parts) -> None:
        """Show what was found by looking: which part each of these images shows.

        Not a step of undo: it follows from the images.
        """
        self._found = {p: ("found", n) for p, n in zip(paths, parts.numbers, strict=True)}
        self._alike = parts.alike
        self._show(self._contents, quietly=True)
        self.parts_changed.emit()

    def _say(self, groups: Iterable[Iterable[Path]]) -> None:
        before = self._contents
        rule = before.rule.saying(map(str, group) for group in groups)
        self._change(replace(before, rule=rule))

    def _parts(self, paths: Sequence[Path]) -> Parts:
        sources = [str(path) for path in paths]
        if self._rule.by is not PartsFrom.AUTO:
            return self._rule.named(sources)
        found = Parts.by(self._found.get(path, path) for path in paths)
        alike = self._alike if len(paths) == len(self._found) else 0
        return replace(self._rule.corrected(sources, found), alike=alike)

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
            reason = self._why.get(image.path) if image.left_out else None
            if reason is None:
                return str(image.path)
            words = render(REASON_WORDS[reason])
            return tr("{path}\nLeft out: {reason}", path=image.path, reason=words)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return _spoken(image)
        return image if role == IMAGE_ROLE else None

    @property
    def _contents(self) -> _Contents:
        return _Contents(self.paths, frozenset(self.left_out), self._rule, self._accepted)

    def _change(self, after: _Contents) -> None:
        self._undo.push(_TrayCommand(weak_callback(self._show), self._contents, after))

    def _show(self, contents: _Contents, *, quietly: bool = False) -> None:
        self._rule, self._accepted = contents.rule, contents.accepted
        groups = [group for group in self._parts(contents.paths).groups if len(group) > 1]
        part = {place: n for n, group in enumerate(groups, 1) for place in group}
        images = tuple(
            replace(
                self._marks.get(p) or TrayImage(p),
                left_out=p in contents.left_out,
                part=part.get(place, 0),
            )
            for place, p in enumerate(contents.paths)
        )
        kept = len(self._images)
        if len(images) > kept and images[:kept] == self._images:
            # Appending keeps the selection and the place in the list.
            self.beginInsertRows(QModelIndex(), kept, len(images) - 1)
            self._images = images
            self.endInsertRows()
        elif len(images) == kept and contents.paths == self.paths:
            self._images = images  # the selection stays
            if images:
                self.dataChanged.emit(self.index(0), self.index(kept - 1))
        else:
            self.beginResetModel()
            self._images = images
            self.endResetModel()
        if not quietly:
            self.changed.emit()


def _spoken(image: TrayImage) -> str:
    """Say what the tile shows, for a screen reader."""
    name = image.path.name
    if image.part:
        name = tr("{name}, part {n} with several pictures", name=name, n=image.part)
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
