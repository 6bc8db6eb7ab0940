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

from deeprx_gui.capture.dataset import train_folder
from deeprx_gui.capture.folder import search_images
from deeprx_gui.capture.sort_pictures import sort_pictures
from deeprx_gui.domain.left_out import LeftOut, LeftOutReason
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import Label
from deeprx_gui.work.eta import EtaEstimator

_BLOCK = 1 << 20


@dataclass(frozen=True)
class CollectedNormals:
    """What was found: ``new`` in natural order, how many were there ``already``, and copies.

    ``copies`` pairs a file that was left out with the file it is a copy of. ``bad`` were left out
    because their folders' names say that the parts are not good, or because they are defect masks;
    ``unsure`` because their folders leave it open. ``left_out`` has all of them with the reason,
    and what could not be opened or is of a kind that is not read.
    """

    new: tuple[Path, ...]
    already: int
    copies: tuple[tuple[Path, Path], ...]
    bad: tuple[Path, ...] = ()
    unsure: tuple[Path, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def collect_normals(
    paths: Iterable[Path], known: Sequence[Path]
) -> Generator[Progress, None, CollectedNormals]:
    """Look through ``paths`` for pictures of good parts that are not among ``known`` yet.

    Of a data set only ``train/good`` is taken. Files are compared by content, but only those of
    equal size are read. A file that cannot be read counts as new: learning will say what is wrong
    with it. Raises RequestError as ``search_images``.
    """
    yield Progress(0, 0, say("Looking for pictures"))
    before = set(known)
    searched = search_images([_of_data_set(path.absolute()) for path in paths])
    found = searched.images
    unknown = tuple(image for image in found if image.path not in before)
    sorted_out = sort_pictures(unknown)
    why = {p.path: LeftOutReason.UNSURE for p in sorted_out.pictures if p.unsure}
    why |= {p.path: LeftOutReason.BAD_PART for p in sorted_out.pictures if p.label is Label.BAD}
    why |= {mask.path: mask.reason for mask in sorted_out.masks}
    new = [image.path for image in unknown if image.path not in why]
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
    left_out = [LeftOut(i.path, why[i.path]) for i in unknown if i.path in why]
    unsure = tuple(item.path for item in left_out if item.reason is LeftOutReason.UNSURE)
    return CollectedNormals(
        tuple(path for path in new if path not in copies),
        len(found) - len(unknown),
        tuple(copies.items()),
        tuple(item.path for item in left_out if item.reason is not LeftOutReason.UNSURE),
        unsure,
        (*left_out, *searched.left_out),
    )


def _of_data_set(path: Path) -> Path:
    return train_folder(path) or path


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
