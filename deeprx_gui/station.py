"""How this PC inspects: read and written whole, one small file.

A value that makes no sense is dropped with a warning, so that a damaged file never keeps a line
from starting; a key this program does not know (a newer one wrote it) survives.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

from deeprx_gui.domain.connection import Spec
from deeprx_gui.domain.field import Field, FieldKind, Value
from deeprx_gui.domain.inspection import KeepRule
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.domain.saved_time import saved_time
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.domain.station import FIELDS, KEEP_FIELDS, Station
from deeprx_gui.preferences import JsonStore

VERSION = 1
STORE = JsonStore("station", VERSION)
MOST_OUTPUTS = 32

S = TypeVar("S", bound=Spec)
_log = logging.getLogger(__name__)


def load(file: Path, *, sources: Container[str], outputs: Container[str]) -> Station:
    """Read the station; whatever is missing or makes no sense is the default. Never raises.

    ``sources`` and ``outputs`` are the kinds this program knows; another one makes no sense.
    """
    raw = STORE.load(file)
    station = Station()
    for entry in _entries(sources, outputs):
        if entry.key not in raw:
            continue
        try:
            value = {entry.key: entry.read(raw[entry.key])}
            station = replace(station, **value)  # type: ignore[arg-type] # by table
        except (ValueError, TypeError, KeyError) as error:
            _log.warning("station %s makes no sense, using the default: %s", entry.key, error)
    return station


def starts_for_operators(file: Path) -> bool:
    """Say whether the program begins in operator mode, without knowing any source or output."""
    return STORE.load(file).get("operator_start") is True


def save(station: Station, file: Path) -> None:
    """Write the station, whole or not at all; keys of a newer program stay.

    Raises StorageError when the folder cannot be written.
    """
    STORE.save(file, {entry.key: entry.write(getattr(station, entry.key)) for entry in _entries()})


@dataclass(frozen=True)
class _Entry:
    """One field of ``Station``: how to read it from JSON (ValueError) and how to write it."""

    key: str
    read: Callable[[object], object]
    write: Callable[[object], object] = lambda value: value


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(f"{value!r} is no text")
    return value


def _answer(field: Field) -> Callable[[object], Value]:
    """Return what reads a stored answer: its type must fit, text is no number here."""

    def read(value: object) -> Value:
        found = next((a.value for a in field.choices if a.value == value), value)
        if not field.allows(found) or not isinstance(found, str | int | float):
            raise ValueError(f"{value!r} is not {field.allowed}")
        return float(found) if field.kind is FieldKind.NUMBER else found

    return read


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no object")
    return value


def _options(value: object) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for key, option in _mapping(value).items():
        if not isinstance(option, str | int | float | bool):
            raise TypeError(f"{key}: {option!r} is no plain value")
        found[key] = option
    return found


def _spec(make: Callable[..., S], kinds: Container[str], value: object) -> S:
    raw = _mapping(value)
    kind = _text(raw["kind"])
    if kind not in kinds:
        raise ValueError(f"there is no {kind!r}")
    return make(kind, _text(raw["address"]), _options(raw.get("options", {})))


def _source(kinds: Container[str], value: object) -> SourceSpec | None:
    return None if value is None else _spec(SourceSpec, kinds, value)


def _outputs(kinds: Container[str], value: object) -> tuple[OutputSpec, ...]:
    """Read the outputs; one that makes no sense does not take the others with it."""
    if not isinstance(value, list) or len(value) > MOST_OUTPUTS:
        raise ValueError("no list of outputs")
    found = []
    for raw in value:
        try:
            found.append(_spec(OutputSpec, kinds, raw))
        except (ValueError, TypeError, KeyError) as error:
            _log.warning("an output of the station makes no sense and is left out: %s", error)
    return tuple(found)


def _keep(value: object) -> KeepRule:
    raw = _mapping(value)
    answers = {key: _answer(KEEP_FIELDS[key])(raw[key]) for key in KEEP_FIELDS if key in raw}
    return replace(KeepRule(), **answers)  # type: ignore[arg-type] # by table


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    return saved_time(_text(value))


def _write_spec(spec: object) -> object:
    if not isinstance(spec, Spec):
        return None
    return {"kind": spec.kind, "address": spec.address, "options": dict(spec.options)}


def _write_keep(rule: object) -> object:
    return {key: getattr(rule, key) for key in KEEP_FIELDS}


def _write_outputs(outputs: object) -> object:
    return [_write_spec(spec) for spec in outputs] if isinstance(outputs, tuple) else []


def _write_moment(when: object) -> object:
    return when.isoformat() if isinstance(when, datetime) else None


def _entries(sources: Container[str] = (), outputs: Container[str] = ()) -> tuple[_Entry, ...]:
    return (
        _Entry("source", partial(_source, sources), _write_spec),
        _Entry("outputs", partial(_outputs, outputs), _write_outputs),
        *_ENTRIES,
    )


_ENTRIES: tuple[_Entry, ...] = (
    *(_Entry(field.key, _answer(field)) for field in FIELDS.values()),
    _Entry("keep", _keep, _write_keep),
    _Entry("last_profile", _text),
    _Entry("counted_since", _moment, _write_moment),
    _Entry("counted_reason", _text),
)
