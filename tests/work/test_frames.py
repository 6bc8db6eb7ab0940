"""Reading ahead: the same as reading one by one, in order, in bounded memory, and it ends."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deeprx_gui.capture.decode import decode
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.work import frame_reader as module
from deeprx_gui.work.frame_reader import AHEAD, PixelBudget, read_frames_ahead
from tests.engine.parts import part
from tests.work.helpers import save, save_parts

_PIXELS = 3 * 64 * 64


def one_by_one(path: Path) -> Frame | ImageError:
    try:
        return decode(path)
    except ImageError as error:
        return error


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Small and large ones, one that is no picture, one that is damaged, one that is not there."""
    folder = tmp_path_factory.mktemp("画像")
    files = save_parts(folder, 3)
    files.append(save(folder / "large.png", part(9, 300, 200)))
    files.append(folder / "text.png")
    files[-1].write_text("no picture")
    files.append(folder / "half.png")
    files[-1].write_bytes(files[0].read_bytes()[:900])
    files.append(folder / "gone.png")
    return files


@settings(max_examples=40, deadline=None)
@given(data=st.data(), most=st.sampled_from([1, _PIXELS, 3 * _PIXELS, 1 << 30]))
def test_it_equals_reading_one_by_one(pictures: list[Path], data: st.DataObject, most: int) -> None:
    chosen = data.draw(st.lists(st.sampled_from(pictures), max_size=12))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MOST_BYTES", most)
        found = list(read_frames_ahead(chosen))
    assert [path for path, _ in found] == chosen
    for path, ours in found:
        theirs = one_by_one(path)
        if isinstance(theirs, ImageError):
            assert isinstance(ours, ImageError)
            assert str(ours) == str(theirs)
        else:
            assert isinstance(ours, Frame)
            assert np.array_equal(ours.pixels, theirs.pixels)


@pytest.mark.parametrize("fits", [1, 2])
def test_decoded_pixels_stay_within_their_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fits: int
) -> None:
    alive: weakref.WeakSet[Frame] = weakref.WeakSet()
    most = 0
    lock = threading.Lock()

    def watched(path: Path) -> Frame:
        nonlocal most
        frame = decode(path)
        with lock:
            alive.add(frame)
            most = max(most, len(alive))
        return frame

    monkeypatch.setattr(module, "decode", watched)
    monkeypatch.setattr(module, "MOST_BYTES", fits * _PIXELS)
    read = 0
    for _, frame in read_frames_ahead(save_parts(tmp_path, 12)):
        assert isinstance(frame, Frame)
        read += 1
        del frame
    assert read == 12
    assert most <= fits
    gc.collect()
    assert not alive


def test_a_picture_larger_than_the_room_comes_alone(
    pictures: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 2 * _PIXELS)
    chosen = [pictures[0], pictures[3], pictures[3], pictures[1]]
    sizes = [f.pixels.size for _, f in read_frames_ahead(chosen) if isinstance(f, Frame)]
    assert sizes == [_PIXELS, 3 * 300 * 200, 3 * 300 * 200, _PIXELS]


def test_several_pictures_are_decoded_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two meet inside the decoder, which they could not if one waited for the other."""
    meeting = threading.Barrier(2)

    def together(path: Path) -> Frame:
        meeting.wait(timeout=200)
        return decode(path)

    monkeypatch.setattr(module, "THREADS", 2)
    monkeypatch.setattr(module, "decode", together)
    assert len(list(read_frames_ahead(save_parts(tmp_path, 4)))) == 4


def decoders() -> Iterator[str]:
    return (t.name for t in threading.enumerate() if t.name.startswith("decode"))


@pytest.mark.parametrize("most", [1, 1 << 30])
@pytest.mark.parametrize("taken", [0, 1, 5])
def test_closing_ends_the_threads_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int, taken: int
) -> None:
    begun: list[Path] = []

    def noted(path: Path) -> Frame:
        begun.append(path)
        return decode(path)

    monkeypatch.setattr(module, "MOST_BYTES", most)
    monkeypatch.setattr(module, "decode", noted)
    stream = read_frames_ahead(save_parts(tmp_path, 30))
    for _ in range(taken):
        next(stream)
    stream.close()
    assert not list(decoders())
    assert len(begun) <= taken + AHEAD


def test_a_fault_of_the_decoder_comes_out_and_nothing_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = save_parts(tmp_path, 9)

    def broken(path: Path) -> Frame:
        if path == files[2]:
            raise ZeroDivisionError
        return decode(path)

    monkeypatch.setattr(module, "decode", broken)
    stream = read_frames_ahead(files)
    assert [next(stream)[0] for _ in range(2)] == files[:2]
    with pytest.raises(ZeroDivisionError):
        next(stream)
    assert not list(decoders())


def test_a_room_lets_pictures_in_by_their_turn() -> None:
    room = PixelBudget(10)
    entered: list[int] = []

    def enter(number: int, size: int) -> None:
        if room.enter(number, size):
            entered.append(number)

    last = threading.Thread(target=enter, args=(1, 4))
    last.start()
    assert entered == []
    enter(0, 10)
    assert entered == [0]
    room.leave(10)
    last.join(timeout=200)
    assert entered == [0, 1]
    room.close()
    assert not room.enter(2, 1)
