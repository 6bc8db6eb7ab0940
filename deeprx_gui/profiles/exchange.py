"""Profiles on their way to and from other PCs."""

from __future__ import annotations

import io
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from deeprx_gui.atomic import write_over
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.must_find import MustFindPicture
from deeprx_gui.domain.profile import Profile
from deeprx_gui.profiles.archive import Archive, seal_of
from deeprx_gui.profiles.codec import (
    SUFFIX,
    WholeFile,
    decode_whole,
    encode,
    read_head,
    sample_pixels,
)
from deeprx_gui.profiles.journal import label
from deeprx_gui.profiles.names import file_stem
from deeprx_gui.profiles.reading import opened, unreadable
from deeprx_gui.profiles.schema import MadeByNewerError
from deeprx_gui.profiles.untrusted_input import GOLDEN, LIMIT_SAMPLE, MOST_FILE_BYTES, MUST_FIND


@dataclass(frozen=True)
class FileContents:
    """What travels in a file beside what was learnt, and how large that is.

    ``size`` and ``must_find_size``: bytes of the whole file, and of its must-find pictures.
    """

    size: int
    golden: int
    limit_samples: int
    must_find: int
    must_find_size: int

    @property
    def sentence(self) -> Message:
        """What is in the file, and how big it is."""
        return say(
            "In the file ({mb} MB): golden images {golden}, limit samples {samples}, must-find "
            "pictures {must_find} ({must_find_mb} MB).",
            mb=_megabytes(self.size),
            golden=self.golden,
            samples=self.limit_samples,
            must_find=self.must_find,
            must_find_mb=_megabytes(self.must_find_size),
        )


def contents_of(file: Path) -> FileContents:
    """Look what an exported file holds, by a glance. Raises ProfileError or StorageError."""
    with opened(file) as opened_file:
        names = (sizes := Archive(opened_file).sizes()).keys()
    return FileContents(
        file.stat().st_size,
        sum(GOLDEN.fullmatch(name) is not None for name in names),
        sum(LIMIT_SAMPLE.fullmatch(name) is not None for name in names),
        sum(MUST_FIND.fullmatch(name) is not None for name in names),
        sum(size for name, size in sizes.items() if MUST_FIND.fullmatch(name)),
    )


def export_file(
    source: Path,
    profile: Profile,
    target: Path,
    store: Path,
    must_find: Sequence[MustFindPicture] = (),
) -> Path:
    """Copy the revision file ``source``, which holds ``profile``, to ``target``.

    ``must_find``: pictures that travel in the copy. A folder as target gets a file with the
    profile's name and revision. A file that is there is
    replaced (whoever asks has asked about that). Returns where the copy is. Raises ProfileError
    when the target is inside the store, StorageError when the disk refuses.
    """
    if target.is_dir():
        target = target / f"{file_stem(profile.name)} {label(profile.revision)}{SUFFIX}"
    if target.resolve().is_relative_to(store.resolve()):
        raise ProfileError(
            say(
                "“{folder}” is where the program keeps its own profiles. Choose another folder to"
                " export to.",
                folder=target.parent,
            )
        )
    with opened(source) as file:
        data = file.read()
    old = read_head(io.BytesIO(data)).profile.lineage != profile.lineage
    if old or must_find:  # saved before there were lineages: the copy says which it is
        data = encode(profile, must_find)
    write_over(Path(openable(target)), data)
    return target


@dataclass(frozen=True, eq=False)
class ForeignFile:
    """A sound file from elsewhere: the revision, the must-find pictures in it, and its seal."""

    file: Path
    profile: Profile
    must_find: tuple[MustFindPicture, ...]
    seal: str

    @property
    def origin(self) -> dict[str, object]:
        """What the history says of where an imported profile came from."""
        return {
            "file": self.file.name,
            "from_id": self.profile.id,
            "from_revision": self.profile.revision,
            "from_sha256": self.seal,
        }


def read_foreign(
    file: Path, check: Callable[[WholeFile], None] | None = None, *, sound: str = ""
) -> ForeignFile:
    """Read a file that comes from anywhere, trusting nothing.

    It is read once into memory, so that what was checked is what is used. ``check`` may raise a
    DeepRxError of its own. ``sound``: the seal of a file that this function returned with the same
    ``check``; a file of the same bytes is not unpacked and checked again. Raises ProfileError or
    StorageError.
    """
    try:
        status = Path(openable(file)).stat()
    except FileNotFoundError as error:
        raise ProfileError(
            say("There is no file “{path}”. Check where it is, then try again.", path=file)
        ) from error
    except OSError as error:
        raise unreadable(file, error) from error
    if not stat.S_ISREG(status.st_mode):
        raise ProfileError(
            say("“{path}” is not a file. Choose a file that ends in .deeprx.", path=file)
        )
    try:
        with opened(file) as opened_file:
            data = opened_file.read(MOST_FILE_BYTES + 1)
        whole = decode_whole(io.BytesIO(data))
        known = bool(sound) and seal_of(data) == sound  # a SHA-256 that was just checked
        for sample in () if known else whole.profile.limit_samples:
            sample_pixels(sample.png)  # unpacked: what is taken in can be judged
    except MadeByNewerError as error:
        raise ProfileError(
            say("“{file}” was not imported. {reason}", file=file.name, reason=error.message)
        ) from error
    except ProfileError as error:
        raise ProfileError(
            say(
                "“{file}” was not imported. {reason} Export it again on the PC it was made on.",
                file=file.name,
                reason=error.message,
            )
        ) from error
    if check is not None and not known:
        check(whole)
    return ForeignFile(file, whole.profile, whole.must_find, seal_of(data))


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f}"
