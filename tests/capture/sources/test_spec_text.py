"""A source in one line: read, written, refused in words a person can act on."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeprx_gui.capture.sources.table import (
    SOURCES,
    open_source,
    parse_source,
    show_source,
    write_source,
)
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import Value
from deeprx_gui.domain.source import SourceSpec
from tests.capture.sources.conftest import never


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        (
            "camera:0?width=1920&height=1080",
            SourceSpec("camera", "0", {"width": 1920, "height": 1080}),
        ),
        ("camera:", SourceSpec("camera", "0")),
        ("camera:HD Webcam", SourceSpec("camera", "HD Webcam")),
        (
            r"replay:C:\bilder?fps=30&loop=1",
            SourceSpec("replay", r"C:\bilder", {"fps": 30.0, "loop": True}),
        ),
        (r"folder:\\server\検査 画像", SourceSpec("folder", r"\\server\検査 画像")),
        (
            r"watch:D:\in?move_to=D:\done%26gone&every=2",
            SourceSpec("watch", r"D:\in", {"move_to": r"D:\done&gone", "every": 2.0}),
        ),
        (
            "stream:http://host/video?quality=5",
            SourceSpec("stream", "http://host/video?quality=5"),
        ),
        (
            "stream:http://host/video?quality=5?timeout=3",
            SourceSpec("stream", "http://host/video?quality=5", {"timeout": 3.0}),
        ),
        (
            "stream:rtsp://host/1?timeout=3",
            SourceSpec("stream", "rtsp://host/1", {"timeout": 3.0}),
        ),
    ],
)
def test_a_line_is_read_and_written_back(text: str, spec: SourceSpec) -> None:
    assert parse_source(text) == spec
    assert parse_source(write_source(spec)) == spec


@given(
    address=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip),
    folder=st.text(st.characters(exclude_categories=["Cs"])),
    every=st.floats(0.02, 3600),
    below=st.booleans(),
)
def test_whatever_is_written_reads_back(
    address: str, folder: str, every: float, below: bool
) -> None:
    if not address:
        return
    options: dict[str, Value] = {"move_to": folder, "every": every, "below": below}
    for spec in (
        SourceSpec("watch", address, options),
        SourceSpec("stream", address),
    ):
        assert parse_source(write_source(spec)) == spec


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("pictures", "folder:PATH"),
        ("webcam:0", "camera:"),
        (r"C:\bilder", "folder:PATH"),
        ("folder:", "says nothing about where"),
        ("replay:", "says nothing about where"),
        ("replay:x?fsp=3", "There is no option fsp here. Options: fps, loop"),
        ("replay:x?fps=fast", "Write a number"),
        ("replay:x?fps=nan", "Write a number"),
        ("replay:x?fps=-1", "from 0 to 1000"),
        ("replay:x?loop=perhaps", "Write 1 or 0"),
        ("replay:x?loop", "has no value"),
        ("camera:0?width=2.5", "whole number"),
        ("camera:0?backend=usb", "dshow"),
    ],
)
def test_nonsense_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_source(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (SourceSpec("stream", "host/video"), "rtsp://"),
        (SourceSpec("replay", "x", {"fps": True}), "Write a number"),
        (SourceSpec("watch", " "), "says nothing about where"),
    ],
)
def test_a_stored_source_that_makes_no_sense_is_refused(spec: SourceSpec, says: str) -> None:
    with pytest.raises(RequestError) as caught:
        open_source(spec, known=never)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("stream:rtsp://sato:geheim@host/1", "stream:rtsp://sato:***@host/1"),
        ("stream:rtsp://sato:ge@he:im@host/1", "stream:rtsp://sato:***@host/1"),
        ("stream:http://host/v?user=sato&pwd=geheim", "stream:http://host/v?user=sato&pwd=***"),
        ("stream:rtsp://host/1", "stream:rtsp://host/1"),
    ],
)
def test_a_password_is_never_shown(text: str, shown: str) -> None:
    assert show_source(parse_source(text)) == shown


def test_a_password_is_not_in_an_error_either() -> None:
    with pytest.raises(RequestError) as caught:
        parse_source("rtsp://sato:geheim@host/1")
    assert "geheim" not in str(caught.value)


def test_every_kind_is_in_the_table_with_options_that_take_their_own_defaults() -> None:
    kinds = {"folder", "watch", "replay", "camera", "video", "stream", "genicam"}
    assert set(SOURCES) == kinds
    for kind in SOURCES.values():
        for option in kind.fields:
            assert option.default is None or option.read(option.default) == option.default
