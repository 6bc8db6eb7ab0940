"""A source and an output that somebody else registered, on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deeprx_gui.capture.sources.table import SOURCES, find_devices, parse_source, write_source
from deeprx_gui.domain.source import Device
from deeprx_gui.outputs.table import OUTPUTS, parse_output, register_output, write_output
from tests import toys
from tests.cli.conftest import NAME, Run


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    with toys.registered():
        yield


def test_they_inspect_and_are_told(home: Path, parts: Path, tmp_path: Path, run: Run) -> None:
    slide, diary = parts / "bad" / "1.png", tmp_path / "diary.txt"
    spec = ("--source", f"projector:{slide}?times=2", "--output", f"diary:{diary}?voice=loud")
    ran = run("inspect", NAME, *spec, "--json")
    assert ran.code == 1, ran.err
    assert ran.json["counts"]["NG"] == 2
    assert diary.read_text() == "NG\nNG\n"


def test_what_makes_no_sense_is_said_like_that_of_any_other(home: Path, run: Run) -> None:
    for words, said in (
        (("--source", "magic:1"), "projector:"),
        (("--source", "projector:"), "says nothing about where"),
        (("--source", "projector:x?times=10"), "Write a whole number from 1 to 9"),
        (("--source", "projector:x?speed=1"), "There is no option speed here. Options: times"),
        (("--source", "projector:none.png"), "no slide"),
        (("--source", "projector:x", "--output", "pigeon:1"), "diary:"),
        (("--source", "projector:x", "--output", "diary:x?voice=shrill"), "one of low, loud"),
    ):
        ran = run("inspect", NAME, *words)
        assert ran.code == 2, words
        assert said in ran.err, (words, ran.err)


def test_what_is_written_reads_back() -> None:
    source = parse_source("projector:C:\\slides\\1.png?times=4")
    assert parse_source(write_source(source)) == source
    output = parse_output("diary:why%3F.txt?voice=loud")
    assert (output.address, output.options) == ("why?.txt", {"voice": "loud"})
    assert parse_output(write_output(output)) == output


def test_its_devices_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deeprx_gui.capture.sources.devices.find_cameras", lambda: ())
    assert Device("projector", "first.png", "The first slide") in find_devices()


def test_one_key_is_registered_once() -> None:
    with pytest.raises(ValueError, match="registered already"):
        register_output(toys.DIARY)
    assert list(SOURCES)[-1] == "projector"
    assert list(OUTPUTS)[-1] == "diary"
