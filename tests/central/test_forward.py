"""A station's verdicts reach the centre once, whatever happens to either of them."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.central import sending
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.central import PictureRule, Trouble
from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.errors import CentralError
from deeprx_gui.domain.forwarding import ForwardPhase
from deeprx_gui.domain.inspection import Decision
from deeprx_gui.domain.verdict import VERDICTS, Verdict
from deeprx_gui.domain.verdict_fields import Kept, stored
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.work.forward_files import MARK, read_aside
from tests.central.sending_station import Station
from tests.made_record import made_record


def test_every_stored_field_of_a_verdict_has_its_place_in_the_centre() -> None:
    known = {*sending.VERDICT_COLUMNS, *sending.CONTEXT_COLUMNS, "station_id"}
    assert {field.stored_as for field in stored(Kept.PART, Kept.CONTEXT)} <= known


def test_what_a_station_recorded_is_in_the_centre_as_it_was(
    station: Station, owner: CentralConnection
) -> None:
    station.record(20)
    station.record(1, 99, serial="a\0b", places="[[0.5, 0.25, 0.01, 12.0]]", milliseconds=2.5)
    station.store.decide(7, Decision.OK, who="佐藤", note="ほこり")
    station.store.decide(7, Decision.NG, who="鈴木")
    station.store.decide(14, Decision.OK, who="鈴木")
    station.store.decide(14, None, who="鈴木")
    state = station.send().state
    assert (state.sent, state.recorded, state.waiting) == (21, 21, 0)
    assert state.phase is ForwardPhase.UP_TO_DATE
    rows = owner.run(
        "SELECT v.row, v.uid::text, v.at, v.verdict, v.score, v.times, v.serial, v.places,"
        " c.profile, c.revision, p.profile_id, s.name, s.line FROM verdicts v JOIN contexts c ON"
        " c.number = v.context JOIN products p ON p.number = v.product JOIN stations s"
        " ON s.number = v.station ORDER BY v.row"
    )
    assert [row[0] for row in rows] == list(range(1, 22))
    for row in rows[:20]:
        kept = station.store.get(row[0])
        assert kept is not None
        assert row[1].replace("-", "") == kept.uid
        assert (row[2], VERDICTS[row[3]], row[4]) == (kept.when, kept.verdict, kept.score)
        assert row[5] == pytest.approx(kept.times, rel=1e-6)
        assert row[8:] == ["Bracket", 1, "bracket-1", "Line 3 – 左", "Line 3"]
    assert rows[20][6:8] == ["a␀b", "[[0.5, 0.25, 0.01, 12.0]]"]
    assert owner.run("SELECT verdict, sum(parts) FROM hours GROUP BY 1 ORDER BY 1") == [
        [0, 19], [2, 2],
    ]  # fmt: skip
    assert owner.run(
        "SELECT d.decision, d.who FROM decided d JOIN verdicts v ON v.uid = d.verdict_uid"
        " ORDER BY v.row"
    ) == [[1, "鈴木"], [None, "鈴木"]]
    assert owner.run("SELECT count(*) FROM decisions")[0][0] == 4
    (seen,) = owner.run("SELECT newest_row, waiting, put_aside, clock_ahead_ms FROM stations")
    assert seen[:3] == [21, 0, 0]
    assert abs(seen[3]) < 5000


def test_what_is_sent_twice_is_there_once(station: Station, owner: CentralConnection) -> None:
    station.record(30)
    station.store.decide(7, Decision.OK, who="a")
    station.send()
    (station.paths.results / MARK).unlink()
    station.record(5, 31)
    assert station.send().state.sent == 35
    assert owner.run("SELECT count(*), count(DISTINCT uid) FROM verdicts") == [[35, 35]]
    assert owner.run("SELECT sum(parts) FROM hours") == [[35]]
    assert owner.run("SELECT count(*) FROM decisions") == [[1]]


def test_another_file_with_the_same_numbers_is_sent_from_its_beginning(
    station: Station, owner: CentralConnection
) -> None:
    station.record(10)
    station.send()
    station.store.close()
    for file in station.paths.results.glob("records.sqlite*"):
        file.unlink()
    with closing(RecordStore(station.paths.results)) as store:
        station.store = store
        station.record(12, 101)
        station.send()
    assert owner.run("SELECT count(*) FROM verdicts") == [[22]]


def test_a_restored_server_gets_what_it_lacks(station: Station, owner: CentralConnection) -> None:
    station.record(50)
    station.send()
    owner.run("DELETE FROM verdicts WHERE row > 20")
    station.record(1, 51)
    station.send()
    assert owner.run("SELECT count(*), max(row) FROM verdicts") == [[51, 51]]


def test_corrections_follow_and_can_be_taken_back(
    station: Station, owner: CentralConnection, made_profiles: ProfileStore
) -> None:
    profiles = made_profiles
    (card,) = profiles.list()
    one = profiles.corrections.add(
        card.id, CorrectionKind.WAS_OK, b"picture", name="a.png", who="佐藤", uid="f" * 32
    )
    other = profiles.corrections.add(
        card.id, CorrectionKind.MISSED, b"another", name="b.png", who="佐藤"
    )
    station.send()
    profiles.corrections.take_back(card.id, [one.id])
    profiles.corrections.applied(card.id, [other.id], 2)
    station.send()
    assert owner.run("SELECT kind, name, state, who FROM corrections ORDER BY name") == [
        ["was-ok", "a.png", "taken-back", "佐藤"],
        ["missed", "b.png", "must-find", "佐藤"],
    ]


@pytest.fixture
def made_profiles(station: Station) -> ProfileStore:
    from tests.made_profile import made_profile

    store = ProfileStore(station.paths.profiles)
    store.save(made_profile(id="", revision=0))
    return store


@pytest.mark.parametrize("folder", ["", "share"])
def test_kept_pictures_follow_by_rule(
    station: Station, owner: CentralConnection, tmp_path: Path, folder: str
) -> None:
    share = str(tmp_path / folder) if folder else ""
    (tmp_path / "share").mkdir()
    station.place = replace(station.place, pictures=PictureRule.BAD, picture_folder=share)
    for number, verdict in ((1, Verdict.OK), (2, Verdict.NG), (3, Verdict.NG)):
        name = f"pictures/2026-11-23/{number}.jpg"
        made = made_record(number, verdict, uid=f"{number:032x}", picture=name)
        station.store.add(made)
        file = station.paths.results / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if number < 3:  # the third was deleted by hand, long ago
            file.write_bytes(b"JPEG" * number)
    for _ in range(2):
        assert station.send().state.sent == 3
    if folder:
        (file,) = (f for f in (tmp_path / folder).rglob("*") if f.is_file())
        assert file.read_bytes() == b"JPEG" * 2
        assert file.parent.name == "2026-11-23"
    else:
        assert owner.run("SELECT uid::text, data FROM pictures") == [
            ["00000000-0000-0000-0000-000000000002", b"JPEG" * 2]
        ]


def test_a_row_the_server_refuses_is_put_aside_and_the_others_go_on(
    station: Station, owner: CentralConnection
) -> None:
    owner.run("ALTER TABLE verdicts ADD CONSTRAINT no_bad CHECK (serial <> 'S13')")
    station.record(40)
    state = station.send().state
    assert (state.sent, state.put_aside) == (40, 1)
    assert len(state.remarks) == 1
    (aside,) = read_aside(station.paths.results)
    assert (aside.kind, aside.row) == ("verdict", 13)
    assert "no_bad" in aside.reason
    assert owner.run("SELECT count(*) FROM verdicts") == [[39]]
    assert owner.run("SELECT put_aside FROM stations") == [[1]]
    owner.run("ALTER TABLE verdicts DROP CONSTRAINT no_bad")
    setup = station.setup()
    work = setup.work()
    with setup.session() as session:
        work.begin(session)
        assert work.retry_refused(session) == 1
    assert (work.state.put_aside, read_aside(station.paths.results)) == (0, ())
    assert owner.run("SELECT count(*) FROM verdicts") == [[40]]


def test_when_every_row_is_refused_nothing_more_is_put_aside(
    station: Station, owner: CentralConnection
) -> None:
    owner.run("ALTER TABLE verdicts ADD CONSTRAINT never CHECK (false) NOT VALID")
    station.record(60)
    with pytest.raises(CentralError) as caught:
        station.send()
    assert caught.value.trouble is Trouble.REFUSED
    assert not caught.value.passes
    assert len(read_aside(station.paths.results)) <= 31
