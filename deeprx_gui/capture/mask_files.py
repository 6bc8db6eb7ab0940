"""Which mask belongs to which picture of a data set, by names and folders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from deeprx_gui.domain.folder_labels import FolderMeaning, mask_of_stem, meaning_of

_NOT_A_KIND = frozenset({"test", "images", "image"})
_Key = tuple[str, ...]


def match_masks(
    pictures: Sequence[Path], masks: Sequence[Path], root: Path
) -> dict[Path, tuple[Path, ...]]:
    """Return the masks of each picture that has any; both lie below ``root``.

    They are matched by kind and name: ``test/crack/3.png`` has ``ground_truth/crack/3_mask.png``,
    ``test/crack/3_GT.png``, ``masks/crack/3/1.png`` and so on. A mask without a kind is matched by
    its name alone where only one picture is called so.
    """
    by_key: defaultdict[_Key, list[Path]] = defaultdict(list)
    for picture in pictures:
        key = _key(picture, root)
        by_key[key].append(picture)
        by_key[(key[-1],)].append(picture)
    found: defaultdict[Path, list[Path]] = defaultdict(list)
    for mask in masks:
        for key in _mask_keys(mask, root):
            owners = by_key.get(key, ())
            if len(owners) == 1:
                found[owners[0]].append(mask)
                break
    return {picture: tuple(some) for picture, some in found.items()}


def _key(path: Path, root: Path) -> _Key:
    folders = (_kind(name) for name in path.relative_to(root).parts[:-1])
    return (*(name for name in folders if name), path.stem.casefold())


def _mask_keys(mask: Path, root: Path) -> list[_Key]:
    """Return what the picture of a mask may be called, the most certain first."""
    whole = _key(mask, root)
    keys = [whole]
    named = mask_of_stem(whole[-1])
    if named is not None:
        keys.append((*whole[:-1], named[0]))
    if len(whole) > 2:
        keys.append(whole[:-1])
    return keys


def _kind(name: str) -> str:
    """Return what a folder says of the kind of defect: nothing where it only holds masks."""
    folded = name.casefold()
    if folded in _NOT_A_KIND or meaning_of(name) is FolderMeaning.PERHAPS_MASKS:
        return ""
    if meaning_of(name) is not FolderMeaning.MASKS:
        return folded
    named = mask_of_stem(folded)
    return "" if named is None or folded.startswith(("ground", "segm")) else named[0]
