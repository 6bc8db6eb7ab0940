"""An ONNX file as plain data: its nodes, its constants, its input. Needs neither onnx nor torch."""

from __future__ import annotations

import hashlib
import logging
import stat
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deeprx_gui.domain.errors import BackboneError
from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.backbones.onnx_wire import DamagedOnnxError, WireField, fields

MOST_BYTES = 2 * 1024**3
MOST_NODES = 20_000
MOST_RANK = 8
_MEGABYTE = 1024**2
_NEWEST_OPSET, _OLDEST_OPSET = 26, 9
_DOMAINS = ("", "ai.onnx")
_log = logging.getLogger(__name__)

Array = NDArray[Any]
Attribute = int | float | str | list[int] | list[float] | Array


@dataclass(frozen=True, eq=False)
class OnnxNode:
    """One operation: the names of what goes in and comes out; ``""`` is an input left out."""

    name: str
    kind: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Attribute]


@dataclass(frozen=True, eq=False)
class OnnxGraph:
    """A network as its file tells it, in an order in which it can be run.

    ``sides``: what the input's dimensions are, ``None`` where the file leaves them open.
    """

    sha256: str
    opset: int
    nodes: tuple[OnnxNode, ...]
    constants: Mapping[str, Array]
    input: str
    sides: tuple[int | None, ...]
    outputs: tuple[str, ...]


def not_usable(file: Path, reason: Message) -> BackboneError:
    """The error for an ONNX file that cannot become a backbone."""
    return BackboneError(
        say("{file} cannot be used as a backbone: {reason}", file=file.name, reason=reason)
    )


def read_onnx(file: Path) -> OnnxGraph:
    """Read an ONNX file. Raises BackboneError that says what it cannot be."""
    data = _contents(file)
    try:
        return _Reader(file, data).graph()
    except DamagedOnnxError as error:
        _log.info("%s is no ONNX file: %s", file, error)
        raise not_usable(
            file, say("it is not an ONNX file, or it is damaged. Export it again.")
        ) from error


def _contents(file: Path) -> bytes:
    """Read a regular file of bearable size: a pipe would wait, a device would never end."""
    try:
        info = file.stat()
        if not stat.S_ISREG(info.st_mode):
            raise not_usable(file, say("it is not a file on a disk. Choose another one."))
        if info.st_size > MOST_BYTES:
            raise not_usable(file, say("it is larger than {mb} MB.", mb=MOST_BYTES // _MEGABYTE))
        with file.open("rb") as stream:
            data = stream.read(info.st_size + 1)
    except OSError as error:
        raise BackboneError(
            say(
                "{file} cannot be read: {reason}. Check the path and the permissions.",
                file=file,
                reason=error.strerror or str(error),
            )
        ) from error
    if len(data) != info.st_size:
        raise not_usable(file, say("it changes while it is read. Try again."))
    return data


@dataclass
class _Draft:
    nodes: list[OnnxNode] = field(default_factory=list)
    constants: dict[str, Array] = field(default_factory=dict)
    inputs: dict[str, tuple[int | None, ...]] = field(default_factory=dict)
    outputs: list[str] = field(default_factory=list)


class _Reader:
    def __init__(self, file: Path, data: bytes) -> None:
        self._file, self._data = file, data

    def graph(self) -> OnnxGraph:
        """Return what the file holds."""
        opset, draft, functions = 0, None, False
        for part in fields(memoryview(self._data)):
            if part.key == 7:
                draft = self._graph(part.bytes())
            elif part.key == 8:
                domain, version = _opset(part.bytes())
                opset = version if domain in _DOMAINS else opset
            elif part.key == 25:
                functions = True
        if draft is None or not opset:
            raise DamagedOnnxError("no graph, or no version")
        if functions:
            raise self._refused(
                say(
                    "it brings functions of its own. Export it with plain operators only "
                    "(torch.onnx.export with dynamo=False, or optimised)."
                )
            )
        if not _OLDEST_OPSET <= opset <= _NEWEST_OPSET:
            raise self._refused(
                say(
                    "its operators are of version {version}; versions {old} to {new} are known. "
                    "Export it with another opset.",
                    version=opset,
                    old=_OLDEST_OPSET,
                    new=_NEWEST_OPSET,
                )
            )
        pictures = {n: s for n, s in draft.inputs.items() if n not in draft.constants}
        if len(pictures) != 1:
            raise self._refused(
                say("it has {count} inputs; a backbone has one, the picture.", count=len(pictures))
            )
        name, sides = next(iter(pictures.items()))
        digest = hashlib.sha256(self._data).hexdigest()
        nodes, outputs = tuple(draft.nodes), tuple(draft.outputs)
        return OnnxGraph(digest, opset, nodes, draft.constants, name, sides, outputs)

    def _refused(self, reason: Message) -> BackboneError:
        return not_usable(self._file, reason)

    def _graph(self, message: memoryview) -> _Draft:
        draft = _Draft()
        for part in fields(message):
            if part.key == 1:
                draft.nodes.append(self._node(part.bytes()))
                if len(draft.nodes) > MOST_NODES:
                    raise self._refused(
                        say("it has more than {count} operations.", count=MOST_NODES)
                    )
            elif part.key == 5:
                name, array = self._tensor(part.bytes())
                draft.constants[name] = array
            elif part.key == 11:
                name, sides = _value_info(part.bytes())
                draft.inputs[name] = sides
            elif part.key == 12:
                draft.outputs.append(_value_info(part.bytes())[0])
            elif part.key == 15:
                raise self._refused(say("it holds sparse weights. Export it with plain ones."))
        return draft

    def _node(self, message: memoryview) -> OnnxNode:
        name = kind = domain = ""
        inputs: list[str] = []
        outputs: list[str] = []
        attributes: dict[str, Attribute] = {}
        for part in fields(message):
            if part.key == 1:
                inputs.append(part.text())
            elif part.key == 2:
                outputs.append(part.text())
            elif part.key == 3:
                name = part.text()
            elif part.key == 4:
                kind = part.text()
            elif part.key == 5:
                key, value = self._attribute(part.bytes())
                if value is not None:
                    attributes[key] = value
            elif part.key == 7:
                domain = part.text()
        kind = kind if domain in _DOMAINS else f"{domain}.{kind}"
        return OnnxNode(name, kind, tuple(inputs), tuple(outputs), attributes)

    def _attribute(self, message: memoryview) -> tuple[str, Attribute | None]:
        """Return an attribute's name and value; ``None`` for one that no operator of ours reads."""
        name = ""
        value: Attribute | None = None
        ints: list[int] = []
        floats: list[float] = []
        for part in fields(message):
            if part.key == 1:
                name = part.text()
            elif part.key == 2:
                value = part.real()
            elif part.key == 3:
                value = part.number
            elif part.key == 4:
                value = bytes(part.bytes()).decode("utf-8", "replace")
            elif part.key == 5:
                value = self._tensor(part.bytes())[1]
            elif part.key in (6, 11):
                raise self._refused(
                    say("it decides on its way what to do (If, Loop). Export it without that.")
                )
            elif part.key == 7:
                floats += part.floats()
            elif part.key == 8:
                ints += part.ints()
        return name, ints or floats or value

    def _tensor(self, message: memoryview) -> tuple[str, Array]:
        name, kind, shape = "", 0, list[int]()
        raw: memoryview | None = None
        loose: list[WireField] = []
        for part in fields(message):
            if part.key == 1:
                shape += part.ints()
            elif part.key == 2:
                kind = part.number
            elif part.key == 8:
                name = part.text()
            elif part.key == 9:
                raw = part.bytes()
            elif part.key in (4, 5, 7, 10, 11):
                loose.append(part)
            elif part.key == 13 or (part.key == 14 and part.number == 1):
                raise self._refused(
                    say(
                        "its weights lie in another file. Export it with the weights inside "
                        "(torch.onnx.export with external_data=False)."
                    )
                )
        if len(shape) > MOST_RANK or any(side < 0 for side in shape):
            raise DamagedOnnxError(f"a tensor of shape {shape}")
        if kind not in _TYPES:
            raise self._refused(
                say("it holds numbers of a kind that is not known (kind {kind}).", kind=kind)
            )
        return name, _array(kind, shape, raw, loose)


def _opset(message: memoryview) -> tuple[str, int]:
    domain, version = "", 0
    for part in fields(message):
        if part.key == 1:
            domain = part.text()
        elif part.key == 2:
            version = part.number
    return domain, version


def _value_info(message: memoryview) -> tuple[str, tuple[int | None, ...]]:
    """Return the name and the sides of an input or output."""
    name, sides = "", list[int | None]()
    for part in fields(message):
        if part.key == 1:
            name = part.text()
        elif part.key == 2:
            for dim in _inside(part.bytes(), (1, 2, 1)):
                value = next((p.number for p in fields(dim) if p.key == 1), None)
                sides.append(value if value is not None and value > 0 else None)
    return name, tuple(sides)


def _inside(message: memoryview, path: tuple[int, ...]) -> list[memoryview]:
    """Return the messages found along a path of field numbers."""
    found = [message]
    for key in path:
        found = [p.bytes() for outer in found for p in fields(outer) if p.key == key]
    return found


def _bfloat16(raw: Array) -> Array:
    return (raw.astype(np.uint32) << 16).view(np.float32)


_TYPES: Mapping[int, tuple[str, int]] = {
    1: ("<f4", 4),
    2: ("u1", 5),
    3: ("i1", 5),
    4: ("<u2", 5),
    5: ("<i2", 5),
    6: ("<i4", 5),
    7: ("<i8", 7),
    9: ("?", 5),
    10: ("<u2", 5),  # the bits of half floats
    11: ("<f8", 10),
    16: ("<u2", 5),  # the bits of bfloat16
}
"""The kind of a tensor -> how it lies in raw bytes, and the field it may lie in instead."""
_FLOATS: Mapping[int, Callable[[Array], Array]] = {
    10: lambda bits: bits.view("<f2").astype(np.float32),
    11: lambda values: values.astype(np.float32),
    16: _bfloat16,
}


def _array(kind: int, shape: list[int], raw: memoryview | None, loose: list[WireField]) -> Array:
    lies, key = _TYPES[kind]
    count = 1
    for side in shape:
        count *= side
    if raw is not None:
        if len(raw) != count * np.dtype(lies).itemsize:
            raise DamagedOnnxError("a tensor is not as large as it says")
        values = np.frombuffer(raw, lies)
    else:
        values = _loose(lies, key, loose)
    if len(values) != count:
        raise DamagedOnnxError("a tensor is not as large as it says")
    convert = _FLOATS.get(kind)
    return (values if convert is None else convert(values)).reshape(shape)


def _loose(lies: str, key: int, loose: list[WireField]) -> Array:
    """Return numbers that stand in the file one by one."""
    parts = [part for part in loose if part.key == key]
    if key == 4 or lies == "<f4":
        bits = [struct.pack("<I", p.number) if p.data is None else bytes(p.data) for p in parts]
        return _unpacked(b"".join(bits), lies)
    if key == 10:
        return _unpacked(b"".join(bytes(p.bytes()) for p in parts), lies)
    whole = [value for p in parts for value in p.ints()]
    info = np.iinfo("u1" if lies == "?" else lies)
    if any(not info.min <= value <= info.max for value in whole):
        raise DamagedOnnxError("a number is too large for its kind")
    return np.array(whole, lies)


def _unpacked(data: bytes, lies: str) -> Array:
    if len(data) % np.dtype(lies).itemsize:
        raise DamagedOnnxError("a list of numbers is cut off")
    return np.frombuffer(data, lies)
