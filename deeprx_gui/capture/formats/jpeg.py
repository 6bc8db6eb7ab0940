"""JPEG: marker segments around entropy-coded data (ITU-T T.81)."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from deeprx_gui.capture.formats.header import Damaged, Header, Kind, Unsupported
from deeprx_gui.capture.formats.ifd import exif_orientation

SIGNATURE = b"\xff\xd8\xff"
_EXIF, _SCAN, _END, _START = 0xE1, 0xDA, 0xD9, 0xD8
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_INTERVAL, _LINES = 0xDD, 0xDC
_FILL_BETWEEN = 256
_RESTART = re.compile(rb"\xff([\xd0-\xd7])")
# Inside a scan FF 00 is a data byte, FF D0..D7 restart it and FF FF is padding.
_NEXT_MARKER = re.compile(rb"\xff([^\x00\xff\xd0-\xd7])")


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each segment's content up to the end-of-image marker.

    Raises ``Damaged`` when the data stops before that marker: the grey that decoders put in place
    of missing data must never pass for a picture.
    """
    at = 2
    while True:
        found = _NEXT_MARKER.search(data, at)
        if found is None:
            raise Damaged("ends before the end-of-image marker")
        marker, at = found[1][0], found.end()
        if marker == _END:
            yield marker, at, at
            return
        if marker == _START:
            raise Damaged("a second picture starts before the first has ended")
        if marker < 0xC0:
            raise Damaged("a marker that no file has")
        if at + 2 > len(data):
            raise Damaged("ends inside a segment")
        end = at + struct.unpack_from(">H", data, at)[0]
        if end < at + 2 or end > len(data):
            raise Damaged("ends inside a segment")
        yield marker, at + 2, end
        at = end


def header(data: bytes) -> Header:
    """Read size and orientation; the segments up to the frame header are enough."""
    orientation: int | None = None
    for marker, start, end in _segments(data):
        if marker == _EXIF and orientation is None and data[start : start + 6] == b"Exif\0\0":
            orientation = exif_orientation(data[start:end])
        if marker in _FRAMES:
            if end - start < 6:
                raise Damaged("short frame header")
            bits, height, width, channels = struct.unpack_from(">BHHB", data, start)
            if bits != 8:
                raise Unsupported(f"JPEG with {bits} bits")
            return Header(
                Kind.JPEG,
                width,
                height,
                orientation or 1,
                plain=channels in (1, 3),
                progressive=marker in _PROGRESSIVE,
            )
        if marker in (_SCAN, _END):
            break
    raise Damaged("no frame header")


@dataclass
class _Frame:
    """What decides how many blocks a scan has: sampling by component, and the interval."""

    width: int = 0
    height: int = 0
    sampling: dict[int, tuple[int, int]] = field(default_factory=dict)
    interval: int = 0

    def units(self, components: Sequence[int]) -> int:
        """Return how many coded units (MCU) a scan of these components has."""
        most_h = max(h for h, _ in self.sampling.values())
        most_v = max(v for _, v in self.sampling.values())
        across, down = 8 * most_h, 8 * most_v
        if len(components) > 1:
            return -(-self.width // across) * -(-self.height // down)
        h, v = self.sampling[components[0]]
        return -(-self.width * h // across) * -(-self.height * v // down)


def check(data: bytes) -> None:
    """Walk all segments and scans to the end-of-image marker; raises ``Damaged``.

    Where the data begins anew every few blocks, every beginning must be there, in its order: a
    decoder that misses one goes on with what follows, and all below it has moved.
    """
    frame = _Frame()
    scan: tuple[int, int] | None = None
    for marker, start, end in _segments(data):
        if scan is not None:
            begun, units = scan
            _check_restarts(data, begun, start - 4 if marker != _END else start - 2, units, frame)
            scan = None
        if marker == _INTERVAL and end - start >= 2:
            (frame.interval,) = struct.unpack_from(">H", data, start)
        elif marker in _FRAMES:
            _read_frame(data, start, end, frame)
        elif marker == _SCAN:
            scan = end, _units(data, start, end, frame)
        elif marker == _LINES:
            raise Unsupported("a JPEG that names its height at the end")


def _read_frame(data: bytes, start: int, end: int, frame: _Frame) -> None:
    frame.height, frame.width, count = struct.unpack_from(">HHB", data, start + 1)
    if end - start < 6 + 3 * count:
        raise Damaged("short frame header")
    for i in range(count):
        name, sampling, _ = data[start + 6 + 3 * i : start + 9 + 3 * i]
        if not (0 < sampling >> 4 <= 4 and 0 < sampling & 15 <= 4):
            raise Damaged("sampling that cannot be")
        frame.sampling[name] = (sampling >> 4, sampling & 15)


def _units(data: bytes, start: int, end: int, frame: _Frame) -> int:
    count = data[start] if end > start else 0
    names = [data[start + 1 + 2 * i] for i in range(count) if start + 1 + 2 * i < end]
    if not names or any(name not in frame.sampling for name in names):
        raise Damaged("a scan of components that are not there")
    return frame.units(names)


def _check_restarts(data: bytes, begun: int, ended: int, units: int, frame: _Frame) -> None:
    found = [marker[1][0] & 7 for marker in _RESTART.finditer(data, begun, ended)]
    wanted = -(-units // frame.interval) - 1 if frame.interval else 0
    if found != [i % 8 for i in range(wanted)]:
        raise Damaged(f"{len(found)} of {wanted} restart markers, or out of order")


def restarts(data: bytes) -> bool:
    """Say whether the coded data begins anew every few blocks."""
    for marker, start, end in _segments(data):
        if marker == _INTERVAL:
            return any(data[start:end])
        if marker == _SCAN:
            break
    return False


def with_filler(data: bytes) -> bytes:
    """Return the file with meaningless coded data before its end and before each new beginning.

    A decoder that had all its data ignores the filler; one that ran out of it decodes the filler,
    and the picture changes.
    """
    filler = bytes(1 + (i * 167 + 13) % 254 for i in range(4096))
    end = 0
    first = 0
    for marker, start, stop in _segments(data):
        if marker == _SCAN and not first:
            first = stop
        if marker == _END:
            end = start - 2
    pieces = []
    at = 0
    for found in _RESTART.finditer(data, first, end):
        pieces += [data[at : found.start()], filler[:_FILL_BETWEEN]]
        at = found.start()
    return b"".join([*pieces, data[at:end], filler, data[end:]])
