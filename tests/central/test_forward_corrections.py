"""Corrections and pictures follow whatever one of them is like; none is taken back by mistake."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.central.sending import StationSession
from deeprx_gui.domain.central import CentralPlace, PictureRule
from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.forwarding import ProductCorrections, Row
from deeprx_gui.domain.recorded_values import micros
from deeprx_gui.profiles.correction_store import BOOK, FOLDER
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work.forward_corrections import CorrectionWatch
from deeprx_gui.work.forward_files import read_aside
from deeprx_gui.work.forward_pictures import PictureSender
from tests.central.sending_station import START, Station
from tests.made_profile import made_profile

STATES = "SELECT name, state FROM corrections ORDER BY name"


@pytest.fixture
def profiles(station: Station) -> ProfileStore:
    store = ProfileStore(station.paths.profiles)
    store.save(made_profile(id="", revision=0))
    return store


def correct(profiles: ProfileStore, name: str, uid: str = "") -> None:
    (card,) = profiles.list()
    picture = repr(name).encode()
    profiles.corrections.add(
        card.id, CorrectionKind.WAS_OK, picture, name=name, who="佐藤", uid=uid
    )


def test_a_file_name_that_is_no_text_holds_up_nothing(
    station: Station, owner: CentralConnection, profiles: ProfileStore
) -> None:
    correct(profiles, "b.png", uid="part \udc80")
    (card,) = profiles.list()
    row: Row = {
        "uid": "u", "kind": "was-ok", "name": "a \udcff\0.png", "verdict_uid": None,
        "who": "佐藤 \ud800", "at": micros(START), "state": "pending", "revision": 0,
    }  # fmt: skip
    with station.setup().session() as session:
        session.send_corrections(ProductCorrections(card.id, "Bracket", [row]))
    assert owner.run("SELECT name, who FROM corrections") == [["a \\udcff␀.png", "佐藤 \\ud800"]]
    station.send()
    assert owner.run("SELECT count(*) FROM corrections WHERE state = 'pending'") == [[1]]


def test_a_list_that_cannot_be_read_takes_nothing_back(
    station: Station, owner: CentralConnection, profiles: ProfileStore
) -> None:
    correct(profiles, "a.png")
    station.send()
    (book,) = station.paths.profiles.glob(f"*/{FOLDER}/{BOOK}")
    whole = book.read_bytes()
    book.write_bytes(b"{")
    station.send()
    assert owner.run(STATES) == [["a.png", "pending"]]
    book.write_bytes(whole)
    correct(profiles, "b.png")
    station.send()
    assert owner.run(STATES) == [["a.png", "pending"], ["b.png", "pending"]]


def test_a_list_that_could_not_be_read_is_looked_at_again(
    station: Station, profiles: ProfileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    correct(profiles, "a.png")
    watch = CorrectionWatch(station.paths.profiles, profiles)
    (book,) = station.paths.profiles.glob(f"*/{FOLDER}/{BOOK}")
    whole = book.read_bytes()
    book.write_bytes(b"{" * len(whole))
    then = book.stat().st_mtime_ns
    assert watch.news() == ()
    book.write_bytes(whole)
    os.utime(book, ns=(then, then))  # as if another program only had held it for a moment
    assert watch.news() == ()
    later = time.monotonic() + 61
    monkeypatch.setattr("deeprx_gui.work.forward_corrections.time.monotonic", lambda: later)
    assert [len(product.rows) for product in watch.news()] == [1]


def test_a_correction_the_server_refuses_is_put_aside_and_the_others_go_on(
    station: Station, owner: CentralConnection, profiles: ProfileStore
) -> None:
    for name in ("a.png", "b.png", "c.png", "d.png"):
        correct(profiles, name)
    owner.run("ALTER TABLE corrections ADD CONSTRAINT no_b CHECK (name <> 'b.png')")
    assert station.send().state.put_aside == 1
    assert owner.run(STATES) == [[f"{name}.png", "pending"] for name in "acd"]
    (aside,) = read_aside(station.paths.results)
    assert (aside.kind, "no_b" in aside.reason) == ("correction", True)
    owner.run("ALTER TABLE corrections DROP CONSTRAINT no_b")
    setup = station.setup()
    work = setup.work()
    with setup.session() as session:
        work.begin(session)
        assert work.retry_refused(session) == 1
    assert (work.state.put_aside, read_aside(station.paths.results)) == (0, ())
    assert owner.run(STATES) == [[f"{name}.png", "pending"] for name in "abcd"]


class Pictures:
    """A session that takes pictures."""

    station = 7

    def __init__(self) -> None:
        self.names: list[object] = []

    def send_picture(self, row: Row, _data: bytes) -> None:
        self.names.append(row["name"])


Sender = Callable[[str], PictureSender]


@pytest.fixture
def sender(tmp_path: Path) -> Sender:
    place = CentralPlace("host", "user")

    def make(share: str = "") -> PictureSender:
        there = replace(place, pictures=PictureRule.ALL, picture_folder=share)
        return PictureSender(there, tmp_path, lambda: False)

    return make


def row_of(number: int, at: float) -> Row:
    return {
        "row": number,
        "uid": f"{number:032x}",
        "at": round(at * 1e6),
        "name": f"p/{number}.jpg",
    }


def problem_of(sender: PictureSender) -> str:
    return "" if sender.problem is None else str(sender.problem)


def test_missing_pictures_of_the_future_are_waited_for_once(
    tmp_path: Path, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, taken = sender(""), Pictures()
    session = cast("StationSession", taken)
    now = [1000.0]
    monkeypatch.setattr("deeprx_gui.work.forward_pictures.time.monotonic", lambda: now[0])
    future = time.time() + 10 * 365 * 86400
    assert not made.send(session, row_of(1, future), 2)
    now[0] += 119
    assert not made.send(session, row_of(1, future), 2)
    now[0] += 2
    assert made.send(session, row_of(1, future), 2), "it will not come"
    assert made.send(session, row_of(2, future), 2), "it was there just as long"
    (tmp_path / "p").mkdir()
    (tmp_path / "p/3.jpg").write_bytes(b"x")
    assert made.send(session, row_of(3, future), 3)
    assert taken.names == ["p/3.jpg"]


def test_a_share_that_fails_is_said_and_tried_again(
    tmp_path: Path, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, session = sender(str(tmp_path / "share")), cast("StationSession", Pictures())
    (tmp_path / "share").mkdir()
    (tmp_path / "p").mkdir()
    (tmp_path / "p/1.jpg").write_bytes(b"x")

    def away(_: Path) -> bool:
        raise OSError(53, "the network path was not found")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "is_dir", away)
        assert not made.send(session, row_of(1, 0), 1)
    assert "network path" in problem_of(made)
    assert made.send(session, row_of(1, 0), 1)
    assert problem_of(made) == ""
    assert (tmp_path / "share/station-7/1.jpg").read_bytes() == b"x"
