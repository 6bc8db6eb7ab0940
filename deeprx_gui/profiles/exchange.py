"""Profiles on their way to and from other PCs."""

from __future__ import annotations

import io
import stat
from pathlib import Path

from deeprx_gui.atomic import write_over
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.long_path import openable
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.profiles.archive import seal_of
from deeprx_gui.profiles.codec import SUFFIX, decode, encode, read_head, sample_pixels
from deeprx_gui.profiles.journal import label
from deeprx_gui.profiles.names import file_stem
from deeprx_gui.profiles.reading import opened, unreadable
from deeprx_gui.profiles.schema import MadeByNewerError
from deeprx_gui.profiles.untrusted_input import MOST_FILE_BYTES


def export_file(source: Path, profile: Profile, target: Path, store: Path) -> Path:
    """Copy the revision file ``source``, which holds ``profile``, to ``target``.

    A folder as target gets a file with the profile's name and revision. A file that is there is
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
    if read_head(io.BytesIO(data)).profile.lineage != profile.lineage:
        data = encode(profile)  # saved before there were lineages: the copy says which it is
    write_over(Path(openable(target)), data)
    return target


def read_foreign(file: Path) -> tuple[Profile, str]:
    """Read a file that comes from anywhere, trusting nothing; return the profile and its seal.

    It is read once into memory, so that what was checked is what is used. Raises ProfileError or
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
        profile = decode(io.BytesIO(data))
        for sample in profile.limit_samples:  # unpacked once: what is taken in can be judged
            sample_pixels(sample.png)
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
    return profile, seal_of(data)
