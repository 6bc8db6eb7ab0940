"""A watched folder with very many files: what rests is not asked for, and nothing is overlooked."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from deeprx_gui.capture.sources import watch_news, watched_files
from deeprx_gui.capture.sources.base import Source, TellsNews
from deeprx_gui.capture.sources.folder_listing import FolderListing, list_pictures
from deeprx_gui.capture.sources.watched_files import WatchedFiles
from tests.capture.sources.conftest import Open, collect, name_of, put

FILES = 16
LOOKS = 9
"""Within so many looks each file is asked for its stamp at least once."""


class Folder:
    """A folder of judged files, looked at again and again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files = WatchedFiles(lambda _item: True)
        self.listing = FolderListing(self.files.resting)
        self.now = 1000.0

    def look(self) -> set[str]:
        """Look once; return the names that were listed."""
        self.now += 10
        self.files.rest(self.now)
        found = list_pictures(self.folder, below=True, leave_out=None, listing=self.listing)
        self.files.look(found, self.now)
        return {Path(name).name for name, _ in found}


@pytest.fixture
def many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    monkeypatch.setattr(watched_files, "MANY", FILES // 2)
    for number in range(FILES):
        put(tmp_path / f"{number}.png", number)
    put(tmp_path / "lot" / "a.png", 1)
    made = Folder(tmp_path)
    for _ in range(3):
        made.look()
    assert len(made.files.resting.files) == FILES + 1
    return made


def test_a_new_file_is_seen_at_the_next_look(many: Folder) -> None:
    assert many.look() == set()
    put(many.folder / "new.png", 200)
    put(many.folder / "lot" / "b.png", 200)
    assert many.look() == {"new.png", "b.png"}


def test_another_picture_under_an_old_name_is_seen_in_turn(many: Folder) -> None:
    put(many.folder / "7.png", 250, (30, 20))
    listed = [many.look() for _ in range(LOOKS)]
    assert {"7.png"} in listed
    found = many.files.files.get(str(many.folder / "7.png"))
    assert found is None or found.poll > 3, "a part of its own"


def test_what_is_gone_rests_no_longer_and_is_new_when_it_comes_back(many: Folder) -> None:
    (many.folder / "3.png").unlink()
    shutil.rmtree(many.folder / "lot")
    many.look()
    assert len(many.files.resting.files) == FILES - 1
    put(many.folder / "3.png", 3)
    assert "3.png" in many.look()


def _said(source: Source) -> list[str]:
    assert isinstance(source, TellsNews)
    return [str(news.remark) for news in source.news() if news.remark is not None]


def test_it_is_said_meanwhile_that_very_many_wait(
    tmp_path: Path, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_news, "_MANY", 5)
    for number in range(8):
        put(tmp_path / f"{number}.png", number)
    source = opened(f"watch:{tmp_path}?every=0.05")
    assert name_of(collect(source, 1)[0]) == "0.png"
    assert any("8 pictures lie in" in text for text in _said(source))
    judged = opened(f"watch:{tmp_path}?every=0.05", lambda item: "7.png" not in item)
    assert name_of(collect(judged, 1)[0]) == "7.png"
    assert _said(judged) == [], "they were judged before"
