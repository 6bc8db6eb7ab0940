"""A folder as a batch, and a folder played as a camera."""

from __future__ import annotations

from pathlib import Path

import pytest

from deeprx_gui.capture.decode import decode_bytes
from deeprx_gui.capture.sources import image_files
from deeprx_gui.capture.sources.base import SourceEnded
from deeprx_gui.capture.sources.replay import OPTIONS, ReplaySource
from deeprx_gui.domain.errors import RequestError, SourceError
from deeprx_gui.domain.field import complete_options
from deeprx_gui.domain.source import SourceSpec
from tests.capture.sources.conftest import HandClock, Open, name_of, put, value_of


def test_a_folder_is_judged_in_natural_order_and_ends(tmp_path: Path, opened: Open) -> None:
    for number in (10, 2, 1):
        put(tmp_path / f"part{number}.png", number)
    source = opened(f"folder:{tmp_path}")
    assert not source.lossy
    captured = [source.read(0) for _ in range(3)]
    assert [value_of(c) for c in captured] == [1, 2, 10]
    assert [c.number for c in captured if c] == [1, 2, 3]
    assert captured[0] is not None
    assert captured[0].path == tmp_path / "part1.png"
    assert captured[0].source == str(tmp_path / "part1.png")
    assert captured[0].when.tzinfo is not None
    with pytest.raises(SourceEnded):
        source.read(0)


def test_a_broken_file_is_an_error_and_the_run_goes_on(tmp_path: Path, opened: Open) -> None:
    put(tmp_path / "1.png", 1)
    (tmp_path / "2.png").write_bytes(put(tmp_path / "x.png").read_bytes()[:40])
    (tmp_path / "3.png").write_bytes(b"")
    put(tmp_path / "4.png", 4)
    (tmp_path / "x.png").unlink()
    source = opened(f"folder:{tmp_path}")
    found = [source.read(0) for _ in range(4)]
    assert [c is not None and c.error is None for c in found] == [True, False, False, True]
    assert "damaged" in str(found[1].error if found[1] else "")
    assert "0 bytes" in str(found[2].error if found[2] else "")


def test_a_file_deleted_in_mid_run_is_an_error_of_its_own(tmp_path: Path, opened: Open) -> None:
    first, second = put(tmp_path / "1.png", 1), put(tmp_path / "2.png", 2)
    source = opened(f"folder:{tmp_path}")
    first.unlink()
    found = source.read(0)
    assert found is not None
    assert "is not there" in str(found.error)
    assert name_of(source.read(0)) == second.name


def test_a_folder_deleted_in_mid_run_is_waited_for_and_goes_on_where_it_was(
    tmp_path: Path, opened: Open
) -> None:
    folder = tmp_path / "parts"
    for number in range(3):
        put(folder / f"{number}.png", number)
    source = opened(f"folder:{folder}")
    assert value_of(source.read(0)) == 0
    folder.rename(tmp_path / "away")
    with pytest.raises(SourceError, match="cannot be reached"):
        source.read(0)
    source.close()
    with pytest.raises(SourceError, match="cannot be reached"):
        source.open()
    (tmp_path / "away").rename(folder)
    source.open()
    assert [value_of(source.read(0)) for _ in range(2)] == [1, 2]


@pytest.mark.parametrize("kind", ["folder", "replay"])
def test_a_folder_that_was_never_there_is_refused(tmp_path: Path, kind: str, opened: Open) -> None:
    with pytest.raises(RequestError, match="is not there"):
        opened(f"{kind}:{tmp_path / 'none'}")
    with pytest.raises(RequestError, match="No pictures were found"):
        opened(f"{kind}:{tmp_path}")


def test_once_leaves_out_what_was_judged_before(tmp_path: Path, opened: Open) -> None:
    for number in (1, 2, 3):
        put(tmp_path / f"{number}.png", number)
    first = opened(f"folder:{tmp_path}?once=1").read(0)
    assert first is not None
    assert first.item
    again = opened(f"folder:{tmp_path}?once=1", {first.item}.__contains__)
    assert value_of(again.read(0)) == 2


def _replay(folder: Path, clock: HandClock, **options: float | bool) -> ReplaySource:
    spec = SourceSpec("replay", str(folder), options)
    source = ReplaySource(spec, complete_options(OPTIONS, options), clock=clock)
    source.open()
    return source


def test_a_replay_keeps_its_pace_and_goes_round(tmp_path: Path, clock: HandClock) -> None:
    for number in (1, 2):
        put(tmp_path / f"{number}.png", number)
    source = _replay(tmp_path, clock, fps=10)
    assert source.lossy
    seen = [value_of(source.read(0))]
    assert source.read(0.0) is None  # too early
    for _ in range(4):
        clock.now += 0.1
        seen.append(value_of(source.read(0)))
    assert seen == [1, 2, 1, 2, 1]


def test_a_replay_loses_what_nobody_had_time_for(tmp_path: Path, clock: HandClock) -> None:
    for number in range(10):
        put(tmp_path / f"{number}.png", number)
    source = _replay(tmp_path, clock, fps=10)
    assert value_of(source.read(0)) == 0
    clock.now += 0.55
    assert value_of(source.read(0)) == 5


def test_a_replay_that_may_not_lose_anything_does_not(tmp_path: Path, clock: HandClock) -> None:
    for number in range(5):
        put(tmp_path / f"{number}.png", number)
    source = _replay(tmp_path, clock, fps=10, lossy=False, loop=False)
    assert not source.lossy
    clock.now += 100
    first = [value_of(source.read(0)) for _ in range(2)]
    clock.now += 100
    assert first + [value_of(source.read(0)) for _ in range(2)] == [0, 1, 2, 3]
    clock.now += 1
    assert value_of(source.read(0)) == 4
    with pytest.raises(SourceEnded):
        source.read(0)


def test_without_a_pace_a_replay_is_as_fast_as_it_is_read(tmp_path: Path, clock: HandClock) -> None:
    put(tmp_path / "1.png", 1)
    source = _replay(tmp_path, clock, fps=0)
    assert [c.number for c in (source.read(0) for _ in range(50)) if c] == list(range(1, 51))


def test_a_replay_decodes_once_what_fits_into_its_memory(
    tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        put(tmp_path / f"{number}.png", number)
    decoded: list[str] = []
    real = decode_bytes

    def counting(data: bytes, source: str) -> object:
        decoded.append(Path(source).name)
        return real(data, source)

    monkeypatch.setattr(image_files, "decode_bytes", counting)
    two = 2 * 24 * 16 * 3 / 1e6
    source = _replay(tmp_path, clock, fps=0, memory=two + 0.0001)
    for _ in range(9):
        source.read(0)
    assert decoded == ["0.png", "1.png", "2.png", "2.png", "2.png"]


def test_a_replayed_folder_that_vanishes_is_waited_for(tmp_path: Path, clock: HandClock) -> None:
    folder = tmp_path / "parts"
    for number in (1, 2):
        put(folder / f"{number}.png", number)
    source = _replay(folder, clock, fps=0, memory=0)
    assert value_of(source.read(0)) == 1
    folder.rename(tmp_path / "away")
    with pytest.raises(SourceError, match="cannot be reached"):
        source.read(0)
    (tmp_path / "away").rename(folder)
    source.close()
    source.open()
    assert value_of(source.read(0)) == 2
