"""The container of one revision: an uncompressed zip with a seal over every byte of it.

The seal stands in the zip's comment, at the very end: the SHA-256 of all bytes before it. One
flipped bit anywhere in the file, headers included, breaks it before anything is parsed. It guards
against damage, not against forgery (it holds no secret); against that ``untrusted_input`` does.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import zipfile
from collections.abc import Mapping
from typing import BinaryIO

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.json_text import MEGABYTE
from deeprx_gui.domain.message import say
from deeprx_gui.profiles.untrusted_input import MOST_FILE_BYTES, check_members, shown

_SEAL = b"deeprx-profile sha256 "
_DIGITS = 64
_MOST_DIRECTORY_BYTES = MEGABYTE
_END = struct.Struct("<4s4H2LH")
_START = b"PK\x03\x04"
_UNREADABLE = (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, struct.error)


def damaged() -> ProfileError:
    """The error for a file that is not, to the bit, what was saved."""
    return ProfileError(say("The file is damaged: it is not as it was saved."))


def pack(members: Mapping[str, bytes]) -> bytes:
    """Put the members into a sealed zip, in the given order; same members, same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as container:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)  # its fixed date (1980) keeps the bytes the same
            info.create_system = 3
            info.external_attr = 0o100644 << 16
            container.writestr(info, data)
        container.comment = _SEAL + b"0" * _DIGITS
    return reseal(buffer.getvalue())


def reseal(data: bytes) -> bytes:
    """``data`` (a packed file) with the seal that fits it."""
    body = data[:-_DIGITS]
    return body + hashlib.sha256(body).hexdigest().encode("ascii")


def seal_of(data: bytes) -> str:
    """The seal that a packed file carries (64 hex digits)."""
    return data[-_DIGITS:].decode("ascii")


def check_seal(file: BinaryIO) -> str:
    """Read the whole file once; return its seal (64 hex digits).

    Raises ProfileError when it is not a profile file, too large, or damaged.
    """
    size = file.seek(0, os.SEEK_END)
    if size > MOST_FILE_BYTES:
        raise ProfileError(
            say("The file is larger than {megabytes} MB.", megabytes=MOST_FILE_BYTES // MEGABYTE)
        )
    file.seek(0)
    if file.read(len(_START)) != _START:
        raise ProfileError(say("This is not a profile file of Deep RX Inspector."))
    ending = len(_SEAL) + _DIGITS
    if size < ending + _END.size:
        raise damaged()
    file.seek(size - ending)
    tail = file.read(ending)
    digest = hashlib.sha256()
    file.seek(0)
    rest = size - _DIGITS
    while rest and (block := file.read(min(rest, MEGABYTE))):
        digest.update(block)
        rest -= len(block)
    seal = digest.hexdigest()
    if rest or tail != _SEAL + seal.encode("ascii"):
        raise damaged()
    return seal


class Archive:
    """The parts of one file, after :func:`check_members` has looked at all of them."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            _check_directory(file)
            self._zip = zipfile.ZipFile(file)
        except _UNREADABLE as error:
            raise damaged() from error
        check_members(self._zip.infolist(), file.seek(0, os.SEEK_END))

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self._zip.namelist())

    @property
    def seal(self) -> str:
        """The seal the file carries, not compared with its bytes."""
        return self._zip.comment[-_DIGITS:].decode("ascii", "replace")

    def sizes(self) -> dict[str, int]:
        """The bytes of every part."""
        return {member.filename: member.file_size for member in self._zip.infolist()}

    def read(self, name: str, sha256: str | None = None) -> bytes:
        """The bytes of one part, checked against its checksum and, if given, its hash.

        Raises ProfileError.
        """
        try:
            data = self._zip.read(name)
        except (*_UNREADABLE, KeyError, RuntimeError) as error:
            raise damaged() from error
        if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
            raise ProfileError(
                say("The part “{name}” of the file is not as it was saved.", name=shown(name))
            )
        return data


def _check_directory(file: BinaryIO) -> None:
    """Refuse a huge table of contents before :mod:`zipfile` builds an object for each entry."""
    size = file.seek(0, os.SEEK_END)
    tail = _END.size + len(_SEAL) + _DIGITS
    file.seek(max(0, size - tail))
    end = file.read(_END.size)
    if len(end) < _END.size:
        raise ValueError("too short")
    magic, *_, directory_bytes, _, comment_bytes = _END.unpack(end)
    if magic != b"PK\x05\x06" or comment_bytes != len(_SEAL) + _DIGITS:
        raise ValueError("no table of contents where the seal says it is")
    if directory_bytes > _MOST_DIRECTORY_BYTES:
        raise ValueError("the table of contents is too long")
