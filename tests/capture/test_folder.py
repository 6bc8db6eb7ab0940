"""Which files count as pictures, and in which order."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.capture.folder import IMAGE_SUFFIXES, find_images, natural_order, search_images
from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.left_out import LeftOut, LeftOutReason, count_left_out


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def names(found: list[Path], root: Path) -> list[str]:
    return [p.relative_to(root).as_posix() for p in found]


def test_numbers_are_ordered_by_value(tmp_path: Path) -> None:
    touch(tmp_path, "cell10.png", "cell9.png", "Cell2.png", "cell1b.png", "cell1.png")
    wanted = ["cell1.png", "cell1b.png", "Cell2.png", "cell9.png", "cell10.png"]
    assert names(find_images([tmp_path]), tmp_path) == wanted


@pytest.mark.parametrize(
    ("before", "after"),
    [("2", "10"), ("a2b9", "a2b10"), ("部品２", "部品10"), ("a", "a1"), ("1", "a"), ("a01", "a1")],
)
def test_natural_order(before: str, after: str) -> None:
    assert natural_order(before) < natural_order(after)


def test_folders_are_searched_with_everything_below(tmp_path: Path) -> None:
    touch(tmp_path, "a.JPG", "lot 2/b.tiff", "lot 10/c.webp", "lot 2/deep/er/d.bmp", "e.jpeg")
    touch(tmp_path, "notes.txt", "labels.csv", "report.html", "no_suffix")
    assert names(find_images([tmp_path]), tmp_path) == [
        "a.JPG", "e.jpeg", "lot 2/b.tiff", "lot 2/deep/er/d.bmp", "lot 10/c.webp",
    ]  # fmt: skip


def test_what_operating_systems_leave_behind_is_no_picture(tmp_path: Path) -> None:
    touch(tmp_path, "._part.png", ".hidden/part.png", "__MACOSX/part.png", "Thumbs.db", "part.png")
    touch(tmp_path, "$RECYCLE.BIN/part.png")
    assert names(find_images([tmp_path, tmp_path / "Thumbs.db"]), tmp_path) == ["part.png"]


def test_a_file_named_by_itself_is_never_lost(tmp_path: Path) -> None:
    touch(tmp_path, "part.dat", "part.png")
    assert names(find_images([tmp_path / "part.dat"]), tmp_path) == ["part.dat"]


def test_files_and_folders_mixed_give_each_picture_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "lot/1.png", "lot/2.png")
    monkeypatch.chdir(tmp_path)
    given = [
        tmp_path / "lot" / "2.png",
        tmp_path / "lot",
        Path("lot"),
        tmp_path / "lot/../lot/1.png",
    ]
    found = find_images(given)
    assert sorted(p.name for p in found) == ["1.png", "2.png"]


def test_a_link_to_the_folder_above_does_not_go_round(tmp_path: Path) -> None:
    touch(tmp_path, "lot/1.png")
    try:
        (tmp_path / "lot" / "again").symlink_to(tmp_path, target_is_directory=True)
    except OSError:
        pytest.skip("this account may not make links")
    assert [p.name for p in find_images([tmp_path])] == ["1.png"]


def test_a_dead_link_is_reported_when_read_not_before(tmp_path: Path) -> None:
    try:
        (tmp_path / "dead.png").symlink_to(tmp_path / "gone.png")
    except OSError:
        pytest.skip("this account may not make links")
    assert [p.name for p in find_images([tmp_path])] == ["dead.png"]


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match=r"lot 7 is not there or cannot be reached\. Check"):
        find_images([tmp_path / "lot 7"])


def test_a_folder_without_pictures(tmp_path: Path) -> None:
    touch(tmp_path, "readme.txt")
    with pytest.raises(RequestError, match=r"No pictures were found in .*Choose a folder with PNG"):
        find_images([tmp_path])


def test_nothing_given() -> None:
    with pytest.raises(RequestError, match=r"No pictures were given\. Choose files"):
        find_images([])


def test_a_folder_that_may_not_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "good/1.png", "secret/2.png")
    real = os.scandir

    def refuse(path: str) -> Any:
        if Path(path).name == "secret":
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr("deeprx_gui.capture.folder.os.scandir", refuse)
    with pytest.raises(RequestError, match=r"secret cannot be opened\. Ask for the right"):
        find_images([tmp_path / "secret"])
    found = search_images([tmp_path])
    assert [image.path.name for image in found.images] == ["1.png"]
    assert found.left_out == (LeftOut(tmp_path / "secret", LeftOutReason.UNREACHABLE),)


def test_one_bad_entry_costs_that_entry(tmp_path: Path) -> None:
    touch(tmp_path, "good.png", "System Volume Information/2.png", "a.pgm", "b.txt", "no_suffix")
    try:
        (tmp_path / "loop.png").symlink_to("loop.png")
        (tmp_path / "ring").symlink_to("ring", target_is_directory=True)
    except OSError:
        pytest.skip("this account may not make links")
    gone = tmp_path / "gone.png"
    found = search_images([gone, tmp_path, tmp_path / "System Volume Information"])
    assert [image.path.name for image in found.images] == ["good.png"]
    assert {(item.path.name, item.reason.value) for item in found.left_out} == {
        ("gone.png", "unreachable"),
        ("loop.png", "link_loop"),
        ("ring", "link_loop"),
        ("a.pgm", "suffix"),
        ("no_suffix", "suffix"),
    }
    words = [str(count.text) for count in count_left_out(found.left_out)]
    assert words[0] == "2 files left out because their kind is not read: .pgm, –."


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names are always Unicode there")
def test_a_name_that_is_no_unicode_is_named_not_judged(tmp_path: Path) -> None:
    touch(tmp_path, "1.png")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png")).touch()
    found = search_images([tmp_path])
    assert [image.path.name for image in found.images] == ["1.png"]
    (count,) = count_left_out(found.left_out)
    assert "\\udcff.png" in str(count.text)


def test_other_names_of_formats_that_are_read(tmp_path: Path) -> None:
    touch(tmp_path, "1.jpe", "2.DIB")
    assert names(find_images([tmp_path]), tmp_path) == ["1.jpe", "2.DIB"]


def test_two_thousand_pictures_in_order(tmp_path: Path) -> None:
    for i in range(2000):
        (tmp_path / f"p{i}.png").touch()
    assert [p.stem for p in find_images([tmp_path])] == [f"p{i}" for i in range(2000)]


def test_suffixes_are_small_letters_with_a_dot() -> None:
    assert all(s.startswith(".") and s == s.casefold() for s in IMAGE_SUFFIXES)
