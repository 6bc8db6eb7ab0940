"""What the names of folders and files say about the parts photographed: one rule for all work."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import Enum, auto
from functools import lru_cache
from pathlib import PurePath

from deeprx_gui.domain.scored import Label


class FolderMeaning(Enum):
    """What the name of one folder says."""

    GOOD = auto()
    BAD = auto()
    MASKS = auto()
    """Defect masks, whatever lies around."""
    PERHAPS_MASKS = auto()
    """Masks or a product of that name: what lies inside decides."""
    UNSURE = auto()
    """Perhaps bad parts, perhaps a product of that name."""
    NOTHING = auto()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_GOOD = _words(
    "good ok okay normal normals pass passed conforming conform defectfree "
    "faultless flawless golden 正常 正常品 良品 合格 合格品 ok品 正品"
)
_BAD_ANYWHERE = _words(
    "defect defects defective defectives defekt defekte defekten defectuous broken breakage "
    "scratch scratches scratched crack cracks cracked damage damages damaged fault faults faulty "
    "flaw flaws flawed reject rejects rejected failure failures contaminated contamination "
    "notok notgood nogood outlier outliers ausschuss schlecht"
)
_BAD_BEGINNINGS = ("abnormal", "anomal", "anormal")
_BAD_AT_AN_END = frozenset({"ng", "nok"})
_BAD_ALONE = frozenset({"bad", "ko", "nio", "fail", "failed", "fails", "niok"})
_UNSURE = _words(
    "chip chips chipped dent dents dented hole holes cut cuts stain stains spot spots bent missing "
    "rust rusty burr burrs dirt dirty scrap negative negatives positive positives unknown unsure "
    "mixed error errors review doubtful suspect suspects rework"
)
_NOT = frozenset({"no", "non", "not", "without", "free", "zero", "un", "ohne", "sans", "kein"})
_FILLER = _words(
    "part parts piece pieces image images img imgs picture pictures photo photos pic pics sample "
    "samples product products train training test testing val validation new set data dataset all "
    "only class items item raw lot batch day shift line"
)
_BAD_JAPANESE = (
    "不良", "異常", "异常", "欠陥", "缺陷", "不合格", "不正常", "傷", "キズ", "きず", "割れ",
    "汚れ", "打痕", "ng品", "ng画像",
)  # fmt: skip
_NONE_JAPANESE = ("なし", "無し", "無")
_GOOD_JAPANESE = ("良品", "正常", "合格", "ok品", "ok画像")
_MASKS = frozenset(
    {"groundtruth", "groundtruths", "segmentationclass", "segmentationobject", "segmentationmask",
     "segmentationmasks", "defectmask", "defectmasks", "maskimages", "gtmask", "gtmasks"}
)  # fmt: skip
_PERHAPS_MASKS = frozenset(
    {"mask", "masks", "gt", "seg", "segmentation", "segmentations", "label", "labels",
     "annotation", "annotations", "マスク"}
)  # fmt: skip
_WORDS = re.compile(r"[^\W\d_]+|\d+")
_MASK_END = re.compile(
    r"[ _.\-]?(?:(?P<sure>masks?|gt|ground[ _-]?truth|defectmask)"
    r"|(?P<perhaps>labels?|seg|segmentation|annotations?))$"
)
_LAST = frozenset({"mask", "masks", "gt"})
_MOST_WORDS = 3
"""A name of more words is a sentence about something else."""
_MASK_BEGINNING = re.compile(r"(?:mask|gt)[ _-]")
_TEST = "test"


@lru_cache(maxsize=65536)
def meaning_of(name: str) -> FolderMeaning:
    """Return what a folder's name says; upper and lower case, digits and ``_``, ``-`` are alike."""
    folded = name.casefold()
    words = [word for word in _WORDS.findall(folded) if not word.isdigit()]
    joined = "".join(words)
    if joined in _MASKS or (1 < len(words) <= _MOST_WORDS and words[-1] in _LAST):
        return FolderMeaning.MASKS
    if joined in _PERHAPS_MASKS:
        return FolderMeaning.PERHAPS_MASKS
    if not joined:
        return FolderMeaning.NOTHING
    return _about_parts(folded, words, joined)


def says_nothing(name: str) -> bool:
    """Whether a folder is called by a number, a date, or a word such as ``new`` or ``lot`` alone.

    A good part too, because such a name stands beside ``good`` for no kind of defect.
    """
    words = [word for word in _WORDS.findall(name.casefold()) if not word.isdigit()]
    return all(word in _FILLER or word in _GOOD for word in words)


def _about_parts(folded: str, words: list[str], joined: str) -> FolderMeaning:
    said = [word for word in words if word not in _FILLER] or words
    if any(word in folded for word in _BAD_JAPANESE):
        none = folded.rstrip("_-0123456789 ").endswith(_NONE_JAPANESE)
        return FolderMeaning.GOOD if none else FolderMeaning.BAD
    if joined in _GOOD or any(joined.endswith(word) for word in _GOOD_JAPANESE):
        return FolderMeaning.GOOD
    bad = [word for word in said if _is_bad(word)]
    if len(said) > _MOST_WORDS:
        return FolderMeaning.UNSURE if bad else FolderMeaning.NOTHING
    ends = {said[0], said[-1]} & _BAD_AT_AN_END
    alone = "".join(said) in _BAD_ALONE
    good = [word for word in said if word in _GOOD]
    negated = [word for word in said if word in _NOT]
    if negated and (bad or good):
        return FolderMeaning.GOOD if bad and not good else FolderMeaning.BAD
    if good and (bad or ends or len(good) < len(said)):
        return FolderMeaning.UNSURE
    if good:
        return FolderMeaning.GOOD
    if bad or ends or alone:
        return FolderMeaning.BAD
    unsure = any(word in _UNSURE or word in _BAD_ALONE for word in said)
    return FolderMeaning.UNSURE if unsure else FolderMeaning.NOTHING


def _is_bad(word: str) -> bool:
    return word in _BAD_ANYWHERE or word.startswith(_BAD_BEGINNINGS)


def labels_from_folders(paths: Sequence[PurePath]) -> list[Label]:
    """Return the label that the folders of each path state; the innermost folder decides.

    ``.../good/1.png`` is good and ``.../NG/1.png`` is bad. Beside a ``test/good`` every other
    ``test/<kind>`` is bad (the layout of the MVTec AD data sets). Everything else is unknown.
    """
    folders = [path.parent for path in paths]
    labels = labels_of_folders(set(folders))
    return [labels[folder] for folder in folders]


def labels_of_folders(folders: Collection[PurePath]) -> dict[PurePath, Label]:
    """Return the label of what lies in each folder: ``labels_from_folders``, once per folder."""
    tests = {
        folder.parent
        for inside in folders
        for folder in (inside, *inside.parents)
        if folder.parent.name.casefold() == _TEST and meaning_of(folder.name) is FolderMeaning.GOOD
    }
    return {folder: _label(folder, tests) for folder in folders}


def is_defect_mask(path: PurePath) -> bool:
    """Whether a file lies in a folder of defect masks: it marks a defect and is no picture."""
    return any(meaning_of(folder.name) is FolderMeaning.MASKS for folder in path.parents)


def mask_of_stem(stem: str) -> tuple[str, bool] | None:
    """Return the stem of the picture that a mask's name speaks of, and whether that is sure.

    ``3_mask`` and ``3_GT`` belong to ``3``; ``3_label`` perhaps. ``None``: it names no mask.
    """
    folded = stem.casefold()
    found = _MASK_END.search(folded)
    if found is not None and found.start() > 0:
        return folded[: found.start()], found["sure"] is not None
    begun = _MASK_BEGINNING.match(folded)
    if begun is not None and begun.end() < len(folded):
        return folded[begun.end() :], False
    return None


def _label(inside: PurePath, tests: set[PurePath]) -> Label:
    for folder in (inside, *inside.parents):
        meaning = meaning_of(folder.name)
        if meaning is FolderMeaning.GOOD:
            return Label.GOOD
        if meaning is FolderMeaning.BAD or folder.parent in tests:
            return Label.BAD
    return Label.UNKNOWN
