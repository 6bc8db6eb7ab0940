"""A watched folder: every new picture once, whole, in order, whatever happens to the folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deeprx_gui.capture.decode import decode_bytes
from deeprx_gui.capture.files import read_bytes
from deeprx_gui.capture.sources import folder_listing, move_file, watch
from deeprx_gui.capture.sources import image_files as picture_files
from deeprx_gui.capture.sources.file_stamp import item_of
from deeprx_gui.domain.errors import ImageError, SourceError
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import say
from tests.capture.sources.conftest import (
    Open,
    collect,
    name_of,
    nothing_for,
    put,
    value_of,
)

FAST = "every=0.02"


def test_new_pictures_come_once_in_order_of_arrival(tmp_path: Path, opened: Open) -> None:
    source = opened(f"watch:{tmp_path}?{FAST}")
    assert not source.lossy
    assert nothing_for(source, 0.05)
    put(tmp_path / "z.png", 1)
    assert value_of(collect(source, 1)[0]) == 1
    put(tmp_path / "a.png", 2)
    (tmp_path / "notes.txt").write_text("no picture")
    found = collect(source, 1)[0]
    assert value_of(found) == 2
    assert found.item == item_of(tmp_path / "a.png")
    assert nothing_for(source)


def test_100_files_at_once_all_come_in_natural_order(tmp_path: Path, opened: Open) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    source = opened(f"watch:{folder}?{FAST}")
    for number in range(100):
        os.utime(put(tmp_path / "made" / f"part{number}.png", number), (1e9, 1e9))
    for file in (tmp_path / "made").iterdir():
        file.rename(folder / file.name)
    found = collect(source, 100)
    assert sorted(map(value_of, found)) == list(range(100))
    assert [c.number for c in found] == list(range(1, 101))
    assert nothing_for(source)


def test_files_that_lay_there_before_come_in_order_of_their_time(
    tmp_path: Path, opened: Open
) -> None:
    for number, time in ((1, 3e8), (2, 1e8), (3, 2e8), (10, 2e8)):
        os.utime(put(tmp_path / f"{number}.png", number), (time, time))
    assert list(map(value_of, collect(opened(f"watch:{tmp_path}?{FAST}"), 4))) == [2, 3, 10, 1]


def test_the_same_file_is_not_judged_twice_after_a_restart(tmp_path: Path, opened: Open) -> None:
    put(tmp_path / "1.png", 1)
    stored = {collect(opened(f"watch:{tmp_path}?{FAST}"), 1)[0].item}
    put(tmp_path / "2.png", 2)
    again = opened(f"watch:{tmp_path}?{FAST}", stored.__contains__)
    assert value_of(collect(again, 1)[0]) == 2
    assert nothing_for(again)


def test_a_clock_that_jumps_back_loses_no_file(tmp_path: Path, opened: Open) -> None:
    source = opened(f"watch:{tmp_path}?{FAST}")
    for number, time in ((1, 4e9), (2, 1e9), (3, 0)):
        os.utime(put(tmp_path / f"{number}.png", number), (time, time))
        assert value_of(collect(source, 1)[0]) == number
    assert nothing_for(source)


def test_a_new_picture_under_an_old_name_is_judged(tmp_path: Path, opened: Open) -> None:
    source = opened(f"watch:{tmp_path}?{FAST}")
    os.utime(put(tmp_path / "latest.png", 1), (1e9, 1e9))
    assert value_of(collect(source, 1)[0]) == 1
    put(tmp_path / "latest.png", 2)
    assert value_of(collect(source, 1)[0]) == 2


def test_a_file_still_being_written_is_waited_for(tmp_path: Path, opened: Open) -> None:
    source = opened(f"watch:{tmp_path}?{FAST}&wait=60")
    whole = put(tmp_path / "made" / "x.png", 5, (300, 200)).read_bytes()
    target = tmp_path / "slow.png"
    for end in (1, len(whole) // 2, len(whole) - 1):
        target.write_bytes(whole[:end])
        assert nothing_for(source, 0.1)
    other = put(tmp_path / "fast.png", 6)
    assert name_of(collect(source, 1)[0]) == other.name  # nobody waits for the slow one
    target.write_bytes(whole)
    assert value_of(collect(source, 1)[0]) == 5


def test_a_file_that_grows_while_it_is_read_is_waited_for(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "1.png", 1)
    reads: list[Path] = []

    def grows(data: bytes, source: str) -> Frame:
        frame = decode_bytes(data, source)
        if not reads:
            put(path, 2, (50, 40))
        reads.append(path)
        return frame

    monkeypatch.setattr(picture_files, "decode_bytes", grows)
    assert value_of(collect(opened(f"watch:{tmp_path}?{FAST}"), 1)[0]) == 2
    assert len(reads) == 2


def test_a_broken_file_becomes_an_error_when_nobody_goes_on_writing_it(
    tmp_path: Path, opened: Open
) -> None:
    (tmp_path / "broken.png").write_bytes(put(tmp_path / "x" / "y.png").read_bytes()[:-9])
    source = opened(f"watch:{tmp_path}?{FAST}&wait=0.1")
    found = collect(source, 1)[0]
    assert found.frame is None
    assert "incomplete or damaged" in str(found.error)
    assert found.item
    assert nothing_for(source)


def test_a_file_that_another_program_holds_is_waited_for(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "1.png", 1)
    held = 3

    def locked(file: Path) -> bytes:
        nonlocal held
        if held:
            held -= 1
            cause = PermissionError(13, "in use")
            cause.winerror = 32  # type: ignore[attr-defined]  # only Windows has it by itself
            raise ImageError(say("in use")) from cause
        return read_bytes(file)

    monkeypatch.setattr(picture_files, "read_bytes", locked)
    assert value_of(collect(opened(f"watch:{tmp_path}?{FAST}&wait=0"), 1)[0]) == 1
    assert held == 0


def test_a_file_of_500_mb_gets_a_sentence(tmp_path: Path, opened: Open) -> None:
    with (tmp_path / "0.bmp").open("wb") as file:
        file.write(b"BM")
        file.truncate(500 << 20)
    source = opened(f"watch:{tmp_path}?{FAST}&wait=0")
    put(tmp_path / "1.png", 1)
    first, second = collect(source, 2)
    by_name = {name_of(c): c for c in (first, second)}
    assert by_name["1.png"].error is None
    assert by_name["0.bmp"].error is not None


def test_a_file_that_is_gone_before_it_is_read_is_nobody_s_error(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    ghost, real = put(tmp_path / "1.png", 1), put(tmp_path / "2.png", 2)
    listing = folder_listing.list_pictures

    def listed(*args: object, **options: object) -> object:
        found = listing(*args, **options)  # type: ignore[arg-type]
        return [*found, *([] if ghost.exists() else ghosts)]

    ghosts = folder_listing.list_pictures(tmp_path, below=False, leave_out=None)[:1]
    ghost.unlink()
    monkeypatch.setattr(watch, "list_pictures", listed)
    source = opened(f"watch:{tmp_path}?{FAST}")
    assert name_of(collect(source, 1)[0]) == real.name
    assert nothing_for(source)


def test_folders_inside_are_left_out_unless_asked_for(tmp_path: Path, opened: Open) -> None:
    put(tmp_path / "lot1" / "1.png", 1)
    assert nothing_for(opened(f"watch:{tmp_path}?{FAST}"))
    assert value_of(collect(opened(f"watch:{tmp_path}?{FAST}&below=1"), 1)[0]) == 1


# --- moving ----------------------------------------------------------------------------------


def test_a_judged_file_is_moved_and_never_over_another(tmp_path: Path, opened: Open) -> None:
    folder, done = tmp_path / "in", tmp_path / "done"
    old = put(done / "1.png", 200).read_bytes()
    put(folder / "1.png", 1)
    source = opened(f"watch:{folder}?{FAST}&move_to={done}")
    captured = collect(source, 1)[0]
    assert (folder / "1.png").exists()  # not before its verdict is stored
    source.done(captured)
    assert [f.name for f in sorted(done.iterdir())] == ["1 (2).png", "1.png"]
    assert (done / "1.png").read_bytes() == old
    assert not list(folder.iterdir())
    put(folder / "1.png", 2)
    source.done(collect(source, 1)[0])
    assert (done / "1 (3).png").exists()


def test_moved_files_are_not_found_again_below_the_folder(tmp_path: Path, opened: Open) -> None:
    put(tmp_path / "1.png", 1)
    source = opened(f"watch:{tmp_path}?{FAST}&move_to=done&below=1")
    source.done(collect(source, 1)[0])
    assert (tmp_path / "done" / "1.png").exists()
    assert nothing_for(source)


def test_what_was_judged_but_not_moved_before_a_power_cut_is_moved_at_the_next_start(
    tmp_path: Path, opened: Open
) -> None:
    path = put(tmp_path / "1.png", 1)
    source = opened(f"watch:{tmp_path}?{FAST}&move_to=done", {item_of(path)}.__contains__)
    assert nothing_for(source)
    assert (tmp_path / "done" / "1.png").exists()


def test_a_newer_file_under_the_judged_name_is_not_moved_away_unjudged(
    tmp_path: Path, opened: Open
) -> None:
    path = put(tmp_path / "1.png", 1)
    source = opened(f"watch:{tmp_path}?{FAST}&move_to=done")
    first = collect(source, 1)[0]
    put(path, 2, (60, 60))
    source.done(first)
    assert path.exists()
    assert value_of(collect(source, 1)[0]) == 2


def test_a_file_that_cannot_be_moved_stays_and_is_tried_again(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(tmp_path / "1.png", 1)
    real = move_file.move_into

    def refused(file: Path, folder: Path) -> Path:
        raise PermissionError(13, "refused")

    monkeypatch.setattr(watch, "MOVE_AGAIN", 0.0)
    monkeypatch.setattr(watch, "move_into", refused)
    source = opened(f"watch:{tmp_path}?{FAST}&move_to=done")
    source.done(collect(source, 1)[0])
    assert path.exists()
    monkeypatch.setattr(watch, "move_into", real)
    assert nothing_for(source)
    assert not path.exists()


def test_files_are_moved_although_the_run_has_stopped(tmp_path: Path, opened: Open) -> None:
    path = put(tmp_path / "1.png", 1)
    source = opened(f"watch:{tmp_path}?{FAST}&move_to=done")
    captured = collect(source, 1)[0]
    source.close()
    source.done(captured)
    assert not path.exists()


def test_a_folder_to_move_to_that_cannot_be_made_is_said(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "done").write_text("a file")
    with pytest.raises(SourceError, match="cannot be made"):
        opened(f"watch:{tmp_path}?{FAST}&move_to=done")
