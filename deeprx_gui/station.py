"""How this PC inspects: read and written whole, one small file.

A value that makes no sense is dropped with a warning, so that a damaged file never keeps a line
from starting; a key this program does not know (a newer one wrote it) survives.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from deeprx_gui.domain.inspection import Keep, KeepRule, Trigger
from deeprx_gui.domain.output import OutputKind, OutputSpec
from deeprx_gui.domain.source import SourceKind, SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.preferences import JsonStore

VERSION = 1
STORE = JsonStore("station", VERSION)
MOST_OUTPUTS = 32

K = TypeVar("K", bound=StrEnum)
_log = logging.getLogger(__name__)


def load(file: Path) -> Station:
    """Read the station; whatever is missing or makes no sense is the default. Never raises."""
    raw = STORE.load(file)
    station = Station()
    for entry in _ENTRIES:
        if entry.key not in raw:
            continue
        try:
            value = {entry.key: entry.read(raw[entry.key])}
            station = replace(station, **value)  # type: ignore[arg-type] # by table
        except (ValueError, TypeError, KeyError) as error:
            _log.warning("station %s makes no sense, using the default: %s", entry.key, error)
    return station


def save(station: Station, file: Path) -> None:
    """Write the station, whole or not at all; keys of a newer program stay.

    Raises StorageError when the folder cannot be written.
    """
    STORE.save(file, {entry.key: entry.write(getattr(station, entry.key)) for entry in _ENTRIES})


@dataclass(frozen=True)
class _Entry:
    """One field of ``Station``: how to read it from JSON (ValueError) and how to write it."""

    key: str
    read: Callable[[object], object]
    write: Callable[[object], object] = lambda value: value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r} is neither true nor false")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or "\0" in value:
        raise ValueError(f"{value!r} is no text")
    return value


def _number(low: float, high: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError(f"{value!r} is no number")
        if not (math.isfinite(value) and low <= value <= high):
            raise ValueError(f"{value!r} is not within {low} and {high}")
        return float(value)

    return read


def _kind(kinds: type[K]) -> Callable[[object], K]:
    return lambda value: kinds(_text(value))


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r} is no object")
    return value


def _options(value: object) -> dict[str, str | int | float | bool]:
    found: dict[str, str | int | float | bool] = {}
    for key, option in _mapping(value).items():
        if not isinstance(option, str | int | float | bool):
            raise TypeError(f"{key}: {option!r} is no plain value")
        found[key] = option
    return found


def _source(value: object) -> SourceSpec | None:
    if value is None:
        return None
    raw = _mapping(value)
    kind = SourceKind(_text(raw["kind"]))
    return SourceSpec(kind, _text(raw["address"]), _options(raw.get("options", {})))


def _output(value: object) -> OutputSpec:
    raw = _mapping(value)
    kind = OutputKind(_text(raw["kind"]))
    return OutputSpec(kind, _text(raw["address"]), _options(raw.get("options", {})))


def _outputs(value: object) -> tuple[OutputSpec, ...]:
    """Read the outputs; one that makes no sense does not take the others with it."""
    if not isinstance(value, list) or len(value) > MOST_OUTPUTS:
        raise ValueError("no list of outputs")
    found = []
    for raw in value:
        try:
            found.append(_output(raw))
        except (ValueError, TypeError, KeyError) as error:
            _log.warning("an output of the station makes no sense and is left out: %s", error)
    return tuple(found)


def _keep(value: object) -> KeepRule:
    raw = _mapping(value)
    usual = KeepRule()
    return KeepRule(
        Keep(_text(raw.get("keep", usual.keep))),
        int(_number(1, 1_000_000)(raw.get("nth", usual.nth))),
        _flag(raw.get("png", usual.png)),
        int(_number(0, 100_000_000)(raw.get("free_megabytes", usual.free_megabytes))),
    )


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    when = datetime.fromisoformat(_text(value))
    if when.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return when


def _write_spec(spec: object) -> object:
    if not isinstance(spec, SourceSpec | OutputSpec):
        return None
    return {"kind": spec.kind.value, "address": spec.address, "options": dict(spec.options)}


def _write_keep(rule: object) -> object:
    if not isinstance(rule, KeepRule):
        raise TypeError(type(rule))
    return {
        "keep": rule.keep.value,
        "nth": rule.nth,
        "png": rule.png,
        "free_megabytes": rule.free_megabytes,
    }


def _write_outputs(outputs: object) -> object:
    return [_write_spec(spec) for spec in outputs] if isinstance(outputs, tuple) else []


def _write_moment(when: object) -> object:
    return when.isoformat() if isinstance(when, datetime) else None


_ENTRIES: tuple[_Entry, ...] = (
    _Entry("source", _source, _write_spec),
    _Entry("trigger", _kind(Trigger)),
    _Entry("every", _number(0.02, 86_400)),
    _Entry("change", _number(0.0, 1.0)),
    _Entry("takt", _number(0.0, 86_400)),
    _Entry("keep", _keep, _write_keep),
    _Entry("confirm_review", _flag),
    _Entry("confirm_ng", _flag),
    _Entry("sound", _flag),
    _Entry("outputs", _outputs, _write_outputs),
    _Entry("operator_start", _flag),
    _Entry("last_profile", _text),
    _Entry("counted_since", _moment, _write_moment),
    _Entry("counted_reason", _text),
)
