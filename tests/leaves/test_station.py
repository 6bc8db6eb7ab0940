"""How this PC inspects survives restarts, hands that edit the file, and newer programs."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from deeprx_gui import station as stations
from deeprx_gui.capture.sources.table import SOURCES
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.inspection import Keep, KeepRule, Trigger
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.outputs.table import OUTPUTS

load = partial(stations.load, sources=SOURCES, outputs=OUTPUTS)

FULL = Station(
    source=SourceSpec("replay", "C:\\画像\\部品 A", {"fps": 30, "loop": True}),
    trigger=Trigger.TIMER,
    every=0.5,
    change=0.1,
    takt=2.5,
    keep=KeepRule(Keep.EVERY, 50, png=True, free_megabytes=500),
    confirm_review=True,
    confirm_ng=True,
    sound=True,
    outputs=(
        OutputSpec("tcp", "0.0.0.0:5020"),
        OutputSpec("http", "http://mes/parts", {"timeout": 2.5}),
    ),
    operator_start=True,
    last_profile="bracket-1",
    counted_since=datetime(2026, 5, 4, 8, 0, tzinfo=UTC),
    counted_reason="早番",
    name="ライン 3",
)


def test_everything_comes_back_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "data" / "station.json"
    stations.save(FULL, file)
    assert load(file) == FULL


def test_no_file_is_the_default(tmp_path: Path) -> None:
    assert load(tmp_path / "station.json") == Station()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000])
def test_a_damaged_file_is_the_default_and_is_logged(
    tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "station.json"
    file.write_text(text, encoding="utf-8")
    with caplog.at_level(logging.WARNING, "deeprx_gui.station"):
        assert load(file) == Station()
    assert caplog.records


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("source", {"kind": "satellite", "address": "x"}),
        ("source", {"kind": "replay"}),
        ("source", {"kind": "replay", "address": "x", "options": {"fps": [1]}}),
        ("source", 3),
        ("trigger", "sometimes"),
        ("every", 0),
        ("every", "1"),
        ("every", float("nan")),
        ("takt", -1),
        ("takt", True),
        ("change", 2),
        ("keep", {"keep": "some"}),
        ("keep", {"nth": 0}),
        ("sound", "yes"),
        ("outputs", {}),
        ("last_profile", 5),
        ("counted_since", "yesterday"),
        ("counted_since", "2026-05-04T08:00:00"),
    ],
)
def test_one_bad_value_is_dropped_and_the_rest_is_kept(
    tmp_path: Path, key: str, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "station.json"
    stations.save(FULL, file)
    raw = json.loads(file.read_text(encoding="utf-8"))
    raw[key] = value
    file.write_text(json.dumps(raw), encoding="utf-8")
    with caplog.at_level(logging.WARNING, "deeprx_gui.station"):
        found = load(file)
    assert caplog.records
    for entry in raw.keys() - {"version", key}:
        assert getattr(found, entry) == getattr(FULL, entry), entry
    assert getattr(found, key) == getattr(Station(), key)


def test_one_bad_output_does_not_take_the_others_with_it(tmp_path: Path) -> None:
    file = tmp_path / "station.json"
    stations.save(FULL, file)
    raw = json.loads(file.read_text(encoding="utf-8"))
    raw["outputs"].insert(0, {"kind": "pigeon", "address": "roof"})
    file.write_text(json.dumps(raw), encoding="utf-8")
    assert load(file).outputs == FULL.outputs


def test_keys_of_a_newer_program_survive(tmp_path: Path) -> None:
    file = tmp_path / "station.json"
    file.write_text('\ufeff{"version": 9, "lights": {"red": 3}, "sound": true}', encoding="utf-8")
    assert load(file).sound
    stations.save(FULL, file)
    assert json.loads(file.read_text(encoding="utf-8"))["lights"] == {"red": 3}
    assert load(file) == FULL


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StorageError):
        stations.save(Station(), tmp_path / "file" / "station.json")
