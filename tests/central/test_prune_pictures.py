"""Retention takes the pictures along that lie as files on a share, and nothing else."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.central import CentralPlace
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.paths import Paths
from deeprx_gui.results.records.picture_files import delete_pictures, find_pictures
from deeprx_gui.results.records.store import RecordStore
from tests.central.test_central_command import Deeprx, where
from tests.made_record import made_record

NOW = datetime.now(UTC)
LONG_AGO = datetime(NOW.year - 2, 5, 20, 12, tzinfo=UTC)
Login = Callable[[str], tuple[CentralPlace, str]]


@pytest.fixture
def deeprx(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Deeprx:
    return Deeprx(capsys, monkeypatch)


@pytest.fixture
def sent(deeprx: Deeprx, login: Login, tmp_path: Path) -> CentralPlace:
    """A station with three old parts and a new one, each with a picture; sent to the share."""
    place, password = login("deeprx_station")
    share = tmp_path / "share"
    share.mkdir()
    data = tmp_path / "station"
    folder = Paths(data).results
    with closing(RecordStore(folder)) as store:
        for number, when in ((1, LONG_AGO), (2, LONG_AGO), (3, LONG_AGO), (4, NOW)):
            name = f"pictures/{when:%Y-%m-%d}/{number}.jpg"
            store.add(made_record(number, uid=f"{number:032x}", when=when, picture=name))
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"JPEG" * number)
    host, *options = where(place)[1:]
    more = ("--pictures", "all", "--picture-folder", str(share))
    deeprx(data, password, "connect", host, *options, *more)
    assert deeprx(data, password, "send")["sent"] == 4
    assert len(files(share)) == 4
    return place


def files(folder: Path) -> list[str]:
    return sorted(f.relative_to(folder).as_posix() for f in folder.rglob("*") if f.is_file())


def test_pictures_go_with_the_month_of_their_verdicts(
    sent: CentralPlace, deeprx: Deeprx, login: Login, owner: CentralConnection, tmp_path: Path
) -> None:
    by, secret = login("deeprx_admin")
    share, desk = tmp_path / "share", tmp_path / "desk"
    (share / "station-1" / f"{LONG_AGO:%Y-%m-%d}" / "foreign.txt").write_text("stays")
    words = ("prune", "--keep-months", "12", *where(by), "--picture-folder", str(share))

    away = deeprx(desk, secret, *words[:-1], str(tmp_path / "not mounted"), "--yes")
    assert "nothing was deleted" in away["error"]
    (tmp_path / "empty").mkdir()
    empty = deeprx(desk, secret, *words[:-1], str(tmp_path / "empty"), "--yes")
    assert "nothing was deleted" in empty["error"], "a share that is not mounted looks so"
    assert owner.run("SELECT count(*) FROM verdicts") == [[4]]

    (month,) = deeprx(desk, secret, *words)["months"]
    assert (month["verdicts"], month["files"], month["file_bytes"]) == (3, 3, 24)
    assert len(files(share)) == 5, "it only said what would go"
    assert deeprx(desk, secret, *words, "--yes")["deleted"]
    assert owner.run("SELECT count(*) FROM verdicts") == [[1]]
    assert files(share) == [
        f"station-1/{LONG_AGO:%Y-%m-%d}/foreign.txt", f"station-1/{NOW:%Y-%m-%d}/4.jpg",
    ]  # fmt: skip


def test_pictures_may_stay(
    sent: CentralPlace, deeprx: Deeprx, login: Login, owner: CentralConnection, tmp_path: Path
) -> None:
    by, secret = login("deeprx_admin")
    words = ("prune", "--keep-months", "12", *where(by), "--leave-pictures", "--yes")
    assert deeprx(tmp_path / "desk", secret, *words)["months"][0]["files"] == 0
    assert owner.run("SELECT count(*) FROM verdicts") == [[1]]
    assert len(files(tmp_path / "share")) == 4


def test_a_station_lets_its_pictures_go_only_when_told(
    sent: CentralPlace, deeprx: Deeprx, login: Login, owner: CentralConnection, tmp_path: Path
) -> None:
    data = tmp_path / "station"
    password = deeprx_password(owner, sent)
    words = ("prune-here", "--keep-months", "3")
    asked = deeprx(data, password, *words)
    assert (asked["verdicts"], asked["pictures"], asked["picture_bytes"]) == (3, 3, 24)
    done = deeprx(data, password, *words, "--pictures", "--yes")
    assert (done["deleted"], done["pictures_deleted"]) == (True, True)
    assert files(Paths(data).results / "pictures") == [f"{NOW:%Y-%m-%d}/4.jpg"]
    assert len(files(tmp_path / "share")) == 4, "the share is the centre's"


def deeprx_password(owner: CentralConnection, place: CentralPlace) -> str:
    """Give the station's login a password that this test knows."""
    owner.script(f"ALTER ROLE {place.user} PASSWORD 'known'")
    return "known"


# -- what names from a database may not do --------------------------------------------------------


def test_no_name_and_no_link_leads_out_of_the_folder(tmp_path: Path) -> None:
    share, outside = tmp_path / "share", tmp_path / "outside"
    for folder in (share / "station-1" / "day", outside / "day"):
        folder.mkdir(parents=True)
        (folder / "a.jpg").write_bytes(b"x")
    (share / "station-2").symlink_to(outside, target_is_directory=True)
    (share / "station-1" / "day" / "link.jpg").symlink_to(outside / "day" / "a.jpg")
    names = [
        "station-1/day/a.jpg", "station-1/day/link.jpg", "station-2/day/a.jpg",
        "../outside/day/a.jpg", "station-1/../../outside/day/a.jpg", f"{outside}/day/a.jpg",
        "station-1\\day\\a.jpg", "C:/day/a.jpg", "station-1/day", "", "nothing/there.jpg",
    ]  # fmt: skip
    found = find_pictures(share, names)
    assert found.names == {("station-1", "day"): ("a.jpg",)}
    assert (found.files, found.bytes) == (1, 1)
    assert list(delete_pictures(share, found)) == [1]
    assert (outside / "day" / "a.jpg").exists()
    assert (share / "station-1" / "day" / "link.jpg").is_symlink()


def test_a_folder_exchanged_for_a_link_after_it_was_looked_at_is_left_alone(tmp_path: Path) -> None:
    share, outside = tmp_path / "share", tmp_path / "outside"
    (share / "day").mkdir(parents=True)
    outside.mkdir()
    (share / "day" / "a.jpg").write_bytes(b"x")
    (outside / "a.jpg").write_bytes(b"x")
    found = find_pictures(share, ["day/a.jpg"])
    (share / "day").rename(share / "before")
    (share / "day").symlink_to(outside, target_is_directory=True)
    with pytest.raises(StorageError, match="no longer there"):
        list(delete_pictures(share, found))
    assert (outside / "a.jpg").exists()


def test_a_share_that_is_away_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        find_pictures(tmp_path / "away", ["day/a.jpg"])


def test_pictures_without_folders_of_their_own_are_deleted_too(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"abc")
    found = find_pictures(tmp_path, ["a.jpg", "a.jpg"])
    assert (found.files, found.bytes) == (1, 3)
    assert list(delete_pictures(tmp_path, found)) == [1]
    assert tmp_path.is_dir()


@pytest.mark.skipif(os.name != "posix", reason="handles of POSIX")
def test_a_share_in_trouble_is_not_one_without_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "day").mkdir()
    (tmp_path / "day" / "a.jpg").write_bytes(b"x")
    really = os.open

    def broken(path: str, *args: Any, **more: Any) -> int:
        if path == "day":
            raise OSError(errno.EIO, "Input/output error")
        return really(path, *args, **more)

    monkeypatch.setattr(os, "open", broken)
    with pytest.raises(StorageError):
        find_pictures(tmp_path, ["day/a.jpg"])
