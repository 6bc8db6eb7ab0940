"""A watched folder with coarse time stamps, bad entries, and files that change too soon."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from deeprx_gui.capture.decode import decode_bytes
from deeprx_gui.capture.sources import folder_listing, move_file, watch
from deeprx_gui.capture.sources.base import Source, TellsNews
from deeprx_gui.capture.sources.file_stamp import FileStamp
from deeprx_gui.capture.sources.watch_news import WatchNews
from deeprx_gui.capture.sources.watched_files import WatchedFiles
from tests.capture.sources.conftest import Open, collect, never, nothing_for, put, value_of

FAST = "every=0.02"


def put_coarse(path: Path, value: int) -> Path:
    """Write a BMP as a camera without a clock does: always the same size and time."""
    made = put(path.with_name(f".{path.name}.tmp.bmp"), value)
    os.utime(made, (1e9, 1e9))
    made.replace(path)
    return path


def news_of(source: Source, seconds: float = 0.2) -> list[str]:
    assert nothing_for(source, seconds)
    assert isinstance(source, TellsNews)
    return [str(news.remark) for news in source.news() if news.remark is not None]


def test_nothing_is_filed_away_unjudged_however_coarse_the_stamps(
    tmp_path: Path, opened: Open
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    source = opened(f"watch:{folder}?{FAST}&move_to={tmp_path / 'done'}")
    judged = []
    for value in range(1, 13):
        put_coarse(folder / "image.bmp", value)
        captured = collect(source, 1)[0]
        judged.append(value_of(captured))
        if value % 3 == 0:  # another one comes before the judged one is moved away
            put_coarse(folder / "image.bmp", 100 + value)
            source.done(captured)
            captured = collect(source, 1)[0]
            judged.append(value_of(captured))
        source.done(captured)
    assert nothing_for(source)
    filed = [decode_bytes(f.read_bytes(), f.name) for f in (tmp_path / "done").iterdir()]
    values = [int(frame.pixels[0, 0, 0]) for frame in filed]
    assert set(values) <= set(judged)
    assert set(judged) == {*range(1, 13), 103, 106, 109, 112}


def test_the_same_stamp_with_other_content_is_another_picture(tmp_path: Path, opened: Open) -> None:
    source = opened(f"watch:{tmp_path}?{FAST}")
    for value in (1, 2, 3):
        put_coarse(tmp_path / "image.bmp", value)
        assert value_of(collect(source, 1)[0]) == value
    assert nothing_for(source)


def test_a_picture_replaced_while_the_program_was_off_is_judged(
    tmp_path: Path, opened: Open
) -> None:
    put_coarse(tmp_path / "image.bmp", 1)
    stored = {collect(opened(f"watch:{tmp_path}?{FAST}"), 1)[0].item}
    again = opened(f"watch:{tmp_path}?{FAST}&move_to=done", stored.__contains__)
    assert nothing_for(again)
    assert (tmp_path / "done" / "image.bmp").exists()
    put_coarse(tmp_path / "image.bmp", 2)
    assert value_of(collect(again, 1)[0]) == 2


def test_a_replacement_in_the_moment_of_the_move_is_put_back(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    source = opened(f"watch:{folder}?{FAST}&move_to={tmp_path / 'done'}")
    put_coarse(folder / "image.bmp", 1)
    captured = collect(source, 1)[0]
    real = move_file.move_into

    def late(path: Path, target: Path) -> Path:
        if target.name == "done":
            put_coarse(path, 2)
        return real(path, target)

    monkeypatch.setattr(watch, "move_into", late)
    source.done(captured)
    monkeypatch.setattr(watch, "move_into", real)
    assert not list((tmp_path / "done").iterdir())
    assert value_of(collect(source, 1)[0]) == 2


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_one_bad_entry_costs_that_entry_and_is_said_once(tmp_path: Path, opened: Open) -> None:
    (tmp_path / "loop.png").symlink_to("loop.png")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png")).touch()
    put(tmp_path / "$RECYCLE.BIN" / "1.png")
    put(tmp_path / "System Volume Information" / "1.png")
    put(tmp_path / "good.png", 1)
    source = opened(f"watch:{tmp_path}?{FAST}&below=1")
    assert value_of(collect(source, 1)[0]) == 1
    said = news_of(source)
    assert len(said) == 2
    assert "1 link that leads to itself: loop.png" in said[0]
    assert "udcff.png" in said[1]
    assert news_of(source) == []
    put(tmp_path / "next.png", 2)
    assert value_of(collect(source, 1)[0]) == 2


def test_a_locked_folder_inside_costs_that_folder(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "secret" / "1.png")
    put(tmp_path / "open" / "2.png", 2)
    real = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "secret":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(f"{folder_listing.__name__}.os.scandir", refuse)
    source = opened(f"watch:{tmp_path}?{FAST}&below=1")
    assert value_of(collect(source, 1)[0]) == 2
    assert "cannot be opened: secret" in news_of(source)[0]


def test_files_left_out_by_their_kind_are_counted_and_named(tmp_path: Path, opened: Open) -> None:
    for name in ("1.pgm", "2.PGM", "3.heic", "notes.txt"):
        (tmp_path / name).touch()
    put(tmp_path / "4.png", 4).rename(tmp_path / "4.jpe")
    source = opened(f"watch:{tmp_path}?{FAST}")
    assert value_of(collect(source, 1)[0]) == 4
    assert news_of(source) == ["3 files left out because their kind is not read: .pgm, .heic."]


def test_a_name_overwritten_faster_than_it_can_be_judged_is_counted(tmp_path: Path) -> None:
    files, news = WatchedFiles(never), WatchNews(tmp_path)
    path = tmp_path / "latest.png"
    for number in range(5):
        files.look([(path, FileStamp(500, 10**9 + number, (number + 1, number)))], number)
        news.overwritten(files.overwritten)
    assert files.overwritten == {"latest.png": 4}
    assert "4 pictures were overwritten before" in str(news.take()[-1].remark)
    assert news.take() == ()


def test_a_file_that_grows_is_not_overwritten(tmp_path: Path) -> None:
    files = WatchedFiles(never)
    for number in range(5):
        stamp = FileStamp(500 + number, 10**9 + number, (7, number))
        files.look([(tmp_path / "slow.png", stamp)], number)
    assert not files.overwritten


def test_a_file_of_final_size_still_being_filled_is_not_judged_half(
    tmp_path: Path, opened: Open
) -> None:
    Image.fromarray(np.full((60, 80, 3), 77, np.uint8)).save(tmp_path / "whole.bmp")
    data = (tmp_path / "whole.bmp").read_bytes()
    (tmp_path / "whole.bmp").unlink()
    source = opened(f"watch:{tmp_path}?{FAST}")
    target = tmp_path / "part.bmp"
    with target.open("wb") as file:
        file.truncate(len(data))
        for start in range(0, len(data), 4000):
            file.write(data[start : start + 4000])
            file.flush()
            assert start + 4000 >= len(data) or nothing_for(source, 0.15)
    captured = collect(source, 1)[0]
    assert captured.frame is not None
    assert (captured.frame.pixels == 77).all()


def test_a_dark_picture_is_judged_after_a_moment(tmp_path: Path, opened: Open) -> None:
    Image.fromarray(np.zeros((60, 80, 3), np.uint8)).save(tmp_path / "dark.bmp")
    assert value_of(collect(opened(f"watch:{tmp_path}?{FAST}"), 1)[0]) == 0


def test_a_great_many_waiting_are_said(tmp_path: Path, opened: Open) -> None:
    data = put(tmp_path / "x" / "0.png").read_bytes()
    for number in range(1001):
        (tmp_path / f"{number}.png").write_bytes(data)
    source = opened(f"watch:{tmp_path}?{FAST}")
    collect(source, 1)
    assert isinstance(source, TellsNews)
    assert any("1001 pictures lie in" in str(news.remark) for news in source.news())
