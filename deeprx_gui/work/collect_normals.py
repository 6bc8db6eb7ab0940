"""CollectedNormals: files and folders in, the pictures that are new to the tray out.

The same picture twice among the normal images would vouch for itself when one copy is judged by
what the other taught, so copies are left out, whatever they are called. Pictures of bad parts would
teach that their defects are normal: those in folders called NG and the like are left out too.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.capture.folder import find_images
from deeprx_gui.domain.folder_labels import is_defect_mask, labels_from_folders
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label
from deeprx_gui.work.eta import EtaEstimator
from deeprx_gui.work.expand_folders import below_home

_BLOCK = 1 << 20
_TRAIN = Path("train", "good")


@dataclass(frozen=True)
class CollectedNormals:
    """What was found: ``new`` in natural order, how many were there ``already``, and copies.

    ``copies`` pairs a file that was left out with the file it is a copy of. ``bad`` were left out
    because their folders' names say that the parts are not good, or that they are defect masks.
    """

    new: tuple[Path, ...]
    already: int
    copies: tuple[tuple[Path, Path], ...]
    bad: tuple[Path, ...] = ()


def collect_normals(
    paths: Iterable[Path], known: Sequence[Path]
) -> Generator[Progress, None, CollectedNormals]:
    """Look through ``paths`` for pictures of good parts that are not among ``known`` yet.

    Of a data set only ``train/good`` is taken. Files are compared by content, but only those of
    equal size are read. A file that cannot be read counts as new: learning will say what is wrong
    with it. Raises RequestError as ``find_images``.
    """
    yield Progress(0, 0, say("Looking for pictures"))
    before = set(known)
    found = [path.absolute() for path in find_images(map(_of_data_set, paths))]
    unknown = [path for path in found if path not in before]
    labels = labels_from_folders([below_home(path) for path in unknown])
    bad = {
        path
        for path, label in zip(unknown, labels, strict=True)
        if label is Label.BAD or is_defect_mask(path)
    }
    new = [path for path in unknown if path not in bad]
    same_size: defaultdict[int, list[Path]] = defaultdict(list)
    for path in (*known, *new):
        size = _size(path)
        if size:
            same_size[size].append(path)
    twins = [
        group for group in same_size.values() if len(group) > 1 and not before.issuperset(group)
    ]
    pace = EtaEstimator(sum(map(len, twins)))
    copies: dict[Path, Path] = {}
    for group in twins:
        first: dict[bytes, Path] = {}
        for path in group:
            digest = _digest(path)
            original = path if digest is None else first.setdefault(digest, path)
            if original is not path and path not in before:
                copies[path] = original
            yield pace.step(say("Looking for copies"))
    return CollectedNormals(
        tuple(path for path in new if path not in copies),
        len(found) - len(unknown),
        tuple(copies.items()),
        tuple(path for path in unknown if path in bad),
    )


def _of_data_set(path: Path) -> Path:
    train = path / _TRAIN
    return train if train.is_dir() else path


def _size(path: Path) -> int:
    try:
        return os.stat(openable(path)).st_size  # noqa: PTH116 - \\?\ paths do not survive Path
    except OSError:
        return 0


def _digest(path: Path) -> bytes | None:
    digest = hashlib.blake2b(digest_size=16)
    try:
        with open(openable(path), "rb") as stream:  # noqa: PTH123 - as above
            while block := stream.read(_BLOCK):
                digest.update(block)
    except OSError:
        return None
    return digest.digest()
