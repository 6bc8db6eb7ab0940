"""JSON from others: counted before it is parsed, and nobody waits for it."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.json_text import (
    MEGABYTE,
    JsonError,
    JsonLimits,
    JsonTooMuchError,
    parse_json_text,
    read_json_file,
)
from deeprx_gui.profiles.untrusted_input import JSON_LIMITS, parse_json

LARGE = JsonLimits(bytes=33 * MEGABYTE, depth=32, values=150_000)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text() | st.floats(-1e9, 1e9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=30,
)


@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_it_reads_what_json_reads(
    value: object, indent: int | str | None, ascii_only: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    small = JsonLimits(depth=0)  # whatever has a bracket is counted
    if "[" in text or "{" in text:
        with pytest.raises(JsonTooMuchError):
            parse_json_text(text.encode("utf-8", "surrogatepass"), small)
    assert parse_json_text(text) == json.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": "[[[[[[[[[["}',
        '{"a\\\\": "\\"[[[[[["}',
        '["\\\\\\\\", "[[[", "\\\\\\"]]]"]',
        '{"a": ["x", "y\\\\"], "[": "{"}',
    ],
)
@pytest.mark.parametrize("length", [0, 262_143, 262_144, 262_145])
def test_brackets_in_texts_are_no_depth_wherever_the_pieces_end(text: str, length: int) -> None:
    padded = f"[{' ' * length}{text}]"
    limits = JsonLimits(bytes=MEGABYTE, depth=3, values=20)
    assert parse_json_text(padded.encode(), limits) == [json.loads(text)]
    with pytest.raises(JsonTooMuchError, match="nested"):
        parse_json_text(f"[[[{padded}]]]".encode(), limits)


BOMBS = {
    "brackets": b"[" * (33 * MEGABYTE),
    "pairs of brackets": b"[" + b"[]," * MEGABYTE + b"[]]",
    "objects": b"[" + b'{"a":{}},' * MEGABYTE + b"1]",
    "numbers": b"[" + b"1," * MEGABYTE + b"1]",
    "one number": b'{"a":' + b"9" * MEGABYTE + b"}",
    "long numbers": b"[" + (b"7" * 4300 + b",") * 70 + b"1]",
    "a long fraction": b"[0." + b"3" * MEGABYTE + b"]",
    "an open text": b'["' + b"\\" * MEGABYTE,
    "brackets in a small file": b"[" * 60_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_counted_and_never_parsed(bomb: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """33 MB of brackets once held every thread for 12.6 s: ``json.loads`` lets nobody else work."""

    def parses(*_: object, **__: object) -> None:
        pytest.fail("it was parsed")

    monkeypatch.setattr(json, "loads", parses)
    with pytest.raises(JsonError):
        parse_json_text(bomb, LARGE)


def test_while_much_is_counted_others_work() -> None:
    """The thread that looks on gets its turn between the pieces, however slow the PC is."""
    turns, over = 0, threading.Event()

    def work() -> None:
        nonlocal turns
        while not over.is_set():
            turns += 1

    worker = threading.Thread(target=work)
    worker.start()
    try:
        before = turns
        with pytest.raises(JsonTooMuchError):
            parse_json_text(b'["' + b"a" * (32 * MEGABYTE) + b'", [[]]]', JsonLimits(1 << 26, 2))
        assert turns - before > 20
    finally:
        over.set()
        worker.join()


def test_no_step_of_counting_is_longer_than_a_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """What no other thread can interrupt is a quarter of a megabyte, however much there is."""
    steps = list[int]()
    plain = np.frombuffer

    def counted(data: bytes, kind: type) -> NDArray[np.uint8]:
        steps.append(len(data))
        return plain(data, kind)

    monkeypatch.setattr(np, "frombuffer", counted)
    for text in (b"1" * 300 + b",", b'"\\\\",', b" "):
        steps.clear()
        data = b"[" + text * (8 * MEGABYTE // len(text)) + b"1]"
        parse_json_text(data, JsonLimits(bytes=9 * MEGABYTE, values=3 * MEGABYTE))
        assert len(steps) > 30
        assert max(steps) <= (1 << 18) + 1, "one more where an escape would be cut"
        assert sum(steps) == len(data)


def test_what_is_parsed_in_one_piece_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text of a profile is parsed only after it was counted, up to the limits and no further.

    ``benchmarks/import_hold.py`` measures what that costs another thread.
    """
    parsed = list[str]()
    plain = json.loads

    def noted(text: str, **how: Any) -> object:
        parsed.append(text)
        return plain(text, **how)

    monkeypatch.setattr(json, "loads", noted)
    most = JSON_LIMITS.values
    parse_json(b'{"a":[' + b"1," * (most - 3) + b"1]}")
    assert len(parsed) == 1
    for data in (
        b'{"a":[' + b"1," * most + b"1]}",
        b'{"a":"' + b"x" * JSON_LIMITS.bytes + b'"}',
        b'{"a":' + b"[" * 40 + b"]" * 40 + b"}",
    ):
        with pytest.raises(ProfileError):
            parse_json(data)
    assert len(parsed) == 1


def test_what_notepad_saves_is_read(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        assert parse_json_text('{"a": "日本"}'.encode(encoding)) == {"a": "日本"}
    for data in (b"", b"\xff\xfe\x00", b"{", b"{'a': 1}", b'"\xff"'):
        with pytest.raises(JsonError, match="cannot be read"):
            parse_json_text(data)


def test_a_file_is_read_up_to_its_limit_and_only_a_file(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("[1]")
    assert read_json_file(file) == [1]
    with pytest.raises(JsonTooMuchError):
        read_json_file(file, JsonLimits(bytes=2))
    with pytest.raises(JsonError, match="not a file"):
        read_json_file(tmp_path)
    if os.name == "posix":
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(JsonError, match="not a file"):
            read_json_file(tmp_path / "pipe")
        with pytest.raises(JsonError, match="not a file"):
            read_json_file(Path("/dev/zero"))
