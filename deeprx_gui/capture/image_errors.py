"""Every sentence about a picture that cannot be read: what happened and what to do."""

from __future__ import annotations

import errno

from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.message import Message, say

MOST_MEGAPIXELS = 100
MOST_GIGABYTES = 1

_AWAY = {
    errno.EIO, errno.ENODEV, errno.ENXIO, errno.ETIMEDOUT, errno.ENOTCONN, errno.ECONNRESET,
    errno.ECONNABORTED, errno.ENETDOWN, errno.ENETUNREACH, errno.ENETRESET, errno.EHOSTUNREACH,
    getattr(errno, "EHOSTDOWN", errno.EIO), getattr(errno, "ESTALE", errno.EIO),
}  # fmt: skip
# Device not ready, wrong disk, network path, name or connection lost, semaphore timeout, I/O error
# of a device, device not connected, host or network unreachable, no connection.
_AWAY_WINDOWS = {
    21, 36, 51, 53, 54, 55, 59, 64, 65, 67, 121, 1117, 1167, 1222, 1225, 1231, 1232, 1236, 2250,
}  # fmt: skip
_IN_USE_WINDOWS = {32, 33}


def cannot_open(error: OSError, name: str) -> ImageError:
    """Say why the operating system did not hand over a file."""
    return ImageError(_system_sentence(error, name))


def _system_sentence(error: OSError, name: str) -> Message:
    windows = getattr(error, "winerror", None)
    if windows in _AWAY_WINDOWS or error.errno in _AWAY:
        return say(
            "{name} could not be read because its drive or network folder does not answer. "
            "Check the cable or the connection, then try again.",
            name=name,
        )
    if windows in _IN_USE_WINDOWS:
        return say(
            "{name} is in use by another program. Wait until that program has finished writing "
            "it, then try again.",
            name=name,
        )
    if isinstance(error, PermissionError):
        return say(
            "{name} may not be opened with this user account. Ask for the right to read it, or "
            "copy it to a folder of your own.",
            name=name,
        )
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return say(
            "{name} is not there. Check whether it was moved, renamed or deleted, then add it "
            "again.",
            name=name,
        )
    if error.errno == errno.ENAMETOOLONG:
        return say(
            "The path of {name} is too long for this PC. Move it to a folder with a shorter path.",
            name=name,
        )
    reason = error.strerror or type(error).__name__
    return say(
        "{name} could not be opened: {reason}. Check the file, then try again.",
        name=name,
        reason=reason,
    )


def is_a_folder(name: str) -> ImageError:
    """A folder where a picture was expected."""
    return ImageError(
        say("{name} is a folder, not a picture. Add the pictures inside it instead.", name=name)
    )


def not_a_file(name: str) -> ImageError:
    """A device, pipe or impossible name."""
    return ImageError(
        say("{name} is not a file. Choose a PNG, JPEG, BMP, TIFF or WebP picture.", name=name)
    )


def is_empty(name: str) -> ImageError:
    """A file of 0 bytes."""
    return ImageError(
        say("{name} is empty (0 bytes). Copy it again from where it was taken.", name=name)
    )


def file_too_big(name: str, gigabytes: float) -> ImageError:
    """A file nobody would call a picture; it is not even read."""
    return ImageError(
        say(
            "{name} has {gigabytes:.1f} GB; pictures of up to {limit} GB can be read. "
            "Crop or reduce the picture first.",
            name=name,
            gigabytes=gigabytes,
            limit=MOST_GIGABYTES,
        )
    )


def too_many_pixels(name: str, width: int, height: int) -> ImageError:
    """More pixels than can be decoded safely; said from the header, before decoding."""
    return ImageError(
        say(
            "{name} is {width} x {height} pixels; pictures of up to {limit} megapixels can be "
            "read. Crop or reduce the picture first.",
            name=name,
            width=width,
            height=height,
            limit=MOST_MEGAPIXELS,
        )
    )


def not_a_picture(name: str) -> ImageError:
    """Some other content, whatever the suffix says."""
    return ImageError(
        say(
            "{name} is not a picture that can be read here. Use PNG, JPEG, BMP, TIFF or WebP.",
            name=name,
        )
    )


def damaged(name: str) -> ImageError:
    """Truncated or corrupt."""
    return ImageError(
        say(
            "{name} is incomplete or damaged. Copy it again from where it was taken, or take the "
            "picture again.",
            name=name,
        )
    )


def unsupported(name: str) -> ImageError:
    """A rare variety of a known format."""
    return ImageError(
        say(
            "{name} is a rare kind of picture that cannot be read here. Save it as an 8-bit or "
            "16-bit PNG.",
            name=name,
        )
    )


def no_brightness_scale(name: str) -> ImageError:
    """Floating-point, signed or 32-bit pixels."""
    return ImageError(
        say(
            "{name} holds floating-point, signed or 32-bit numbers, which do not say how bright "
            "white is. Save it as an 8-bit or 16-bit picture.",
            name=name,
        )
    )


def no_memory(name: str) -> ImageError:
    """The PC has no memory left for the picture."""
    return ImageError(
        say(
            "There is not enough memory to open {name}. Close other programs, or reduce the "
            "picture.",
            name=name,
        )
    )
