"""What the names of folders say about the parts photographed in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePath

from deeprx_gui.domain.scored import Label

_GOOD = frozenset({"good", "ok", "normal", "pass", "正常", "良品", "合格"})
_BAD = frozenset({"bad", "ng", "defect", "defects", "defective", "fail", "不良", "不良品", "異常"})
_SPLIT, _SPLIT_GOOD, _MASKS = "test", "good", "ground_truth"


def labels_from_folders(paths: Sequence[PurePath]) -> list[Label]:
    """Return the label that the folders of each path state; the innermost folder decides.

    ``.../good/1.png`` is good and ``.../NG/1.png`` is bad. Beside a ``test/good`` every other
    ``test/<kind>`` is bad (the layout of the MVTec AD data sets). Everything else is unknown.
    """
    tests = {p.parent.parent for p in paths if _is(p.parent, _SPLIT_GOOD)}
    splits = frozenset(folder for folder in tests if _is(folder, _SPLIT))
    return [_label(path, splits) for path in paths]


def is_defect_mask(path: PurePath) -> bool:
    """Whether a file lies in a ``ground_truth`` folder: it marks a defect and is no picture."""
    return any(_is(folder, _MASKS) for folder in path.parents)


def _label(path: PurePath, splits: frozenset[PurePath]) -> Label:
    for folder in path.parents:
        name = folder.name.casefold()
        if name in _GOOD:
            return Label.GOOD
        if name in _BAD or folder.parent in splits:
            return Label.BAD
    return Label.UNKNOWN


def _is(folder: PurePath, name: str) -> bool:
    return folder.name.casefold() == name
