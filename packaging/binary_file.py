"""Reads what a Windows or Linux binary says of itself: machine, needed libraries, version.

A few hundred bytes of headers, on any system: a Windows program is checked on Linux, too.
Formats: Microsoft's "PE Format"; "Executable and Linking Format" in the System V ABI.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

X64 = "x86-64"
_MACHINES = {0x8664: X64, 0x14C: "x86", 0xAA64: "arm64"}
_ELF_MACHINES = {62: X64, 3: "x86", 183: "arm64"}
_PE_IMPORTS, _PE_DELAYED = 1, 13
_PT_LOAD, _PT_DYNAMIC = 1, 2
_DT_NEEDED, _DT_STRTAB = 1, 5
_FIXED_INFO = struct.pack("<I", 0xFEEF04BD)


class NotBinaryError(Exception):
    """The file is neither PE nor ELF, or is cut off."""


@dataclass(frozen=True)
class Binary:
    """``needs``: names of libraries; ``delayed``: those loaded when first called (Windows)."""

    machine: str
    needs: tuple[str, ...]
    delayed: tuple[str, ...] = ()
    version: tuple[int, int, int, int] | None = None


def read(file: Path) -> Binary:
    """Read a binary. Raises NotBinaryError and OSError."""
    data = file.read_bytes()
    try:
        if data[:2] == b"MZ":
            return _Pe(data).read()
        if data[:4] == b"\x7fELF":
            return _elf(data)
    except (struct.error, IndexError, ValueError) as error:
        raise NotBinaryError(f"{file}: {error}") from error
    raise NotBinaryError(f"{file}: neither PE nor ELF")


def _text(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode("latin-1")


class _Pe:
    def __init__(self, data: bytes) -> None:
        self._data = data
        head = struct.unpack_from("<I", data, 0x3C)[0]
        if data[head : head + 4] != b"PE\0\0":
            raise ValueError("no PE header")
        machine, sections = struct.unpack_from("<HH", data, head + 4)
        optional_size = struct.unpack_from("<H", data, head + 20)[0]
        optional = head + 24
        wide = struct.unpack_from("<H", data, optional)[0] == 0x20B
        self._machine = _MACHINES.get(machine, hex(machine))
        self._directories = optional + (112 if wide else 96)
        table = optional + optional_size
        self._sections = [
            struct.unpack_from("<IIII", data, table + 40 * n + 8) for n in range(sections)
        ]

    def read(self) -> Binary:
        return Binary(
            self._machine,
            tuple(self._names(_PE_IMPORTS, 20, 12)),
            tuple(self._names(_PE_DELAYED, 32, 4)),
            self._version(),
        )

    def _place(self, address: int) -> int:
        for virtual_size, virtual, raw_size, raw in self._sections:
            if virtual <= address < virtual + max(virtual_size, raw_size):
                return int(raw + address - virtual)
        raise ValueError(f"address {address:#x} is in no section")

    def _names(self, directory: int, step: int, name_at: int) -> Iterator[str]:
        address = struct.unpack_from("<I", self._data, self._directories + 8 * directory)[0]
        if address == 0:
            return
        at = self._place(address)
        while (name := struct.unpack_from("<I", self._data, at + name_at)[0]) != 0:
            yield _text(self._data, self._place(name))
            at += step

    def _version(self) -> tuple[int, int, int, int] | None:
        at = self._data.find(_FIXED_INFO)
        if at < 0:
            return None
        high, low = struct.unpack_from("<II", self._data, at + 8)
        return high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF


def _elf(data: bytes) -> Binary:
    if data[4:6] != b"\x02\x01":
        raise ValueError("not 64 bit, little endian")
    machine = struct.unpack_from("<H", data, 18)[0]
    table = struct.unpack_from("<Q", data, 32)[0]
    size, count = struct.unpack_from("<HH", data, 54)
    loads, dynamic = [], None
    for number in range(count):
        kind, _, offset, address, _, length = struct.unpack_from(
            "<IIQQQQ", data, table + size * number
        )
        if kind == _PT_LOAD:
            loads.append((address, length, offset))
        elif kind == _PT_DYNAMIC:
            dynamic = (offset, length)
    needed, strings = [], 0
    if dynamic is not None:
        for at in range(dynamic[0], sum(dynamic), 16):
            tag, value = struct.unpack_from("<QQ", data, at)
            if tag == _DT_NEEDED:
                needed.append(value)
            elif tag == _DT_STRTAB:
                strings = next(o + value - a for a, n, o in loads if a <= value < a + n)
    names = tuple(_text(data, strings + place) for place in needed)
    return Binary(_ELF_MACHINES.get(machine, str(machine)), names)
