"""Signing in by name at a station: with the centre, without it, and when somebody tampers."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui.access import PinLocked
from deeprx_gui.domain.audit import changed_fields
from deeprx_gui.domain.errors import RequestError, StorageError
from deeprx_gui.domain.message import Message
from deeprx_gui.domain.output import OutputSpec
from deeprx_gui.domain.people import (
    PeopleList,
    PeopleRules,
    Role,
    checked_name,
    checked_secret,
)
from deeprx_gui.domain.station import Station
from deeprx_gui.people import secret_hash
from deeprx_gui.people.people_copy import CopyError
from deeprx_gui.people.station_people import SignedIn, SignInRefused, StationPeople
from deeprx_gui.profiles.gate_check import overrule_in
from tests.people.conftest import (
    ADMINISTRATOR,
    ENGINEER,
    OPERATOR,
    SECRETS,
    Clocks,
    Open,
    everybody,
)


def sign_in(station: StationPeople, name: str, wanted: Role = Role.OPERATOR) -> SignedIn:
    answer = station.sign_in(name, SECRETS[name], wanted=wanted)
    assert isinstance(answer, SignedIn), answer
    return answer


def refused(station: StationPeople, name: str, secret: str, wanted: Role = Role.OPERATOR) -> str:
    answer = station.sign_in(name, secret, wanted=wanted)
    assert isinstance(answer, SignInRefused), answer
    return str(answer.message)


def events(station: StationPeople) -> list[tuple[str, str]]:
    return [(entry.what, entry.who) for entry in station.audit.waiting().entries]


def test_a_pc_that_stands_alone_writes_and_asks_nothing(open_people: Open, tmp_path: Path) -> None:
    alone = open_people(alone=True)
    assert not alone.active
    alone.hear(PeopleList())
    assert not alone.active
    assert not (tmp_path / "データ").exists()


def test_a_centre_without_people_leaves_the_pin_as_it_is(open_people: Open) -> None:
    station = open_people()
    station.hear(PeopleList())
    assert not station.active


def test_each_role_gets_what_it_may_do(station: StationPeople) -> None:
    assert station.active
    assert [person.name for person in station.names()] == [ADMINISTRATOR, OPERATOR, ENGINEER]
    sign_in(station, OPERATOR)
    assert (station.name, station.granted) == (OPERATOR, False)
    for name in (ENGINEER, ADMINISTRATOR):
        sign_in(station, name, Role.ENGINEER)
        assert (station.name, station.granted) == (name, True)
    station.sign_out()
    assert (station.name, station.granted) == ("", False)
    assert events(station)[-2:] == [("signed in", ADMINISTRATOR), ("signed out", ADMINISTRATOR)]


def test_an_engineer_who_operates_the_line_gets_no_more_than_that(
    station: StationPeople, clocks: Clocks
) -> None:
    sign_in(station, ENGINEER)
    assert (station.name, station.granted) == (ENGINEER, False)
    assert station.look(3600) is None, "a line runs without being touched"
    assert not station.granted


def test_an_operator_does_not_get_engineers_rights(station: StationPeople) -> None:
    said = refused(station, OPERATOR, SECRETS[OPERATOR], Role.ENGINEER)
    assert "needs an engineer" in said
    assert not station.granted


def test_names_and_pins_may_be_typed_as_a_japanese_keyboard_types_them(
    station: StationPeople,
) -> None:
    assert isinstance(station.sign_in(" ｓａｔｏ", "４７１１"), SignedIn)


def test_wrong_tries_lock_this_person_alone_also_after_a_restart(
    station: StationPeople, open_people: Open, clocks: Clocks
) -> None:
    for left in (4, 3, 2):
        assert f"{left} more tries" in refused(station, OPERATOR, "0000")
    assert "One more try" in refused(station, OPERATOR, "0000")
    locked = station.sign_in(OPERATOR, "0000")
    assert isinstance(locked, PinLocked)
    again = open_people()
    answer = again.sign_in(OPERATOR, SECRETS[OPERATOR])
    assert isinstance(answer, PinLocked)
    assert answer.seconds == pytest.approx(30)
    clocks.wall += 10_000  # the clock that may be set opens nothing
    assert isinstance(again.sign_in(OPERATOR, SECRETS[OPERATOR]), PinLocked)
    sign_in(again, ENGINEER)
    clocks.passes(seconds=31)
    longer = again.sign_in(OPERATOR, "0000")
    assert isinstance(longer, PinLocked)
    assert longer.seconds == pytest.approx(60)
    clocks.passes(seconds=61)
    sign_in(again, OPERATOR)
    assert "4 more tries" in refused(again, OPERATOR, "0000"), "the right one sets it to zero"
    assert ("locked", OPERATOR) in events(station)


def test_a_stranger_and_nonsense_are_refused(station: StationPeople) -> None:
    for name in ("Nobody", "", "\x00\x1b[31m", "x" * 10_000):
        assert "Nobody here is called" in refused(station, name, "4711")
    assert "Wrong" in refused(station, OPERATOR, "9" * 1_000_000)
    assert "Wrong" in refused(station, OPERATOR, "\udc80")


def test_a_retired_person_is_refused_as_soon_as_it_is_heard(station: StationPeople) -> None:
    sign_in(station, ENGINEER, Role.ENGINEER)
    assert station.look(0) is None
    station.hear(everybody(ENGINEER))
    told = station.look(0)
    assert told is not None
    assert "is retired" in str(told)
    assert not station.granted
    assert "is retired" in refused(station, ENGINEER, SECRETS[ENGINEER])
    assert ENGINEER not in [person.name for person in station.names()]


def test_a_lesser_role_counts_at_once(station: StationPeople) -> None:
    sign_in(station, ENGINEER, Role.ENGINEER)
    people = everybody()
    lesser = tuple(
        type(p)(p.number, p.name, Role.OPERATOR, p.secret) if p.name == ENGINEER else p
        for p in people.people
    )
    station.hear(PeopleList(lesser))
    assert "as an operator" in str(station.look(0))
    assert not station.granted
    assert station.name == ENGINEER


def test_it_works_without_the_centre_for_the_days_that_are_set(
    station: StationPeople, open_people: Open, clocks: Clocks
) -> None:
    clocks.passes(days=13.9)
    again = open_people()
    sign_in(again, ENGINEER, Role.ENGINEER)
    clocks.passes(days=0.2)
    told = again.look(0)
    assert told is not None
    assert "14 days" in str(told)
    assert not again.granted
    assert "has not heard" in refused(again, ENGINEER, SECRETS[ENGINEER], Role.ENGINEER)
    answer = sign_in(again, ENGINEER)
    assert answer.role is Role.OPERATOR, "who inspects still has a name"
    assert sign_in(again, OPERATOR).note is None
    again.hear(everybody(rules=PeopleRules(offline_days=2)))
    sign_in(again, ENGINEER, Role.ENGINEER)
    clocks.passes(days=2.1)
    assert not isinstance(
        again.sign_in(ENGINEER, SECRETS[ENGINEER], wanted=Role.ENGINEER), SignedIn
    )


def test_a_clock_set_back_gains_nothing(
    station: StationPeople, open_people: Open, clocks: Clocks
) -> None:
    clocks.passes(days=10)
    sign_in(station, OPERATOR)
    clocks.wall -= 300 * 86_400
    clocks.passes(days=5)  # with the PC running
    again = open_people()
    assert "has not heard" in refused(again, ENGINEER, SECRETS[ENGINEER], Role.ENGINEER)
    assert "clock set back" in [what for what, _ in events(again)]


def test_a_clock_set_back_gains_nothing_after_a_new_start_of_the_pc(
    station: StationPeople, open_people: Open, clocks: Clocks
) -> None:
    clocks.passes(days=13)
    station.look(0)
    clocks.wall -= 300 * 86_400
    clocks.steady = 10.0
    again = open_people()
    sign_in(again, ENGINEER, Role.ENGINEER)
    clocks.passes(days=1.1)
    assert "has not heard" in refused(again, ENGINEER, SECRETS[ENGINEER], Role.ENGINEER)


def test_idle_engineers_and_long_shifts_are_signed_out(
    station: StationPeople, clocks: Clocks
) -> None:
    sign_in(station, ENGINEER, Role.ENGINEER)
    assert station.look(14 * 60) is None
    assert "nothing was touched for 15 minutes" in str(station.look(15 * 60))
    assert station.name == ""
    sign_in(station, OPERATOR)
    assert station.look(8 * 3600) is None, "a line runs without being touched"
    clocks.passes(seconds=12 * 3600)
    assert "end of a shift" in str(station.look(8 * 3600))
    assert station.name == ""


def test_somebody_asked_for_one_thing_does_not_stay(station: StationPeople) -> None:
    sign_in(station, OPERATOR)
    before = station.signed_in
    sign_in(station, ENGINEER, Role.ENGINEER)
    station.resume(before)
    assert (station.name, station.granted) == (OPERATOR, False)


def test_the_copy_is_private_and_holds_no_pin(station: StationPeople, tmp_path: Path) -> None:
    file = tmp_path / "データ" / "people.json"
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    text = file.read_text(encoding="utf-8")
    for secret in SECRETS.values():
        assert secret not in text


def tampered(text: str) -> list[str]:
    raw = json.loads(text)
    body = json.loads(raw["body"])
    body["people"][0][2] = "administrator"
    older = {**json.loads(raw["body"]), "heard": 9e12}
    return [
        "",
        "[]",
        text[:200],
        "{}",
        json.dumps({**raw, "version": 2}),
        json.dumps({**raw, "body": json.dumps(body)}),
        json.dumps({**raw, "body": json.dumps(older)}),
        json.dumps({**raw, "seal": "zz"}),
        json.dumps({**raw, "salt": 3}),
    ]


@pytest.mark.parametrize("number", range(9))
def test_a_copy_that_was_changed_opens_nothing(
    station: StationPeople, open_people: Open, tmp_path: Path, number: int
) -> None:
    file = tmp_path / "データ" / "people.json"
    file.write_text(tampered(file.read_text(encoding="utf-8"))[number], encoding="utf-8")
    again = open_people()
    assert again.active, "it locks, and never opens"
    said = refused(again, ENGINEER, SECRETS[ENGINEER])
    assert "damaged, or was changed" in said
    assert "inspecting goes on" in said
    with pytest.raises(CopyError):
        again.names()
    again.hear(everybody())
    sign_in(again, ENGINEER, Role.ENGINEER)


def test_a_copy_of_another_station_or_sealed_with_another_password_opens_nothing(
    station: StationPeople, open_people: Open, tmp_path: Path
) -> None:
    assert "damaged, or was changed" in refused(open_people("another"), ENGINEER, "271828")
    (tmp_path / "データ" / "station-id.txt").write_text("f" * 32, encoding="utf-8")
    assert "made elsewhere" in refused(open_people(), ENGINEER, SECRETS[ENGINEER])


def test_a_copy_that_was_deleted_opens_nothing(
    station: StationPeople, open_people: Open, tmp_path: Path
) -> None:
    (tmp_path / "データ" / "people.json").unlink()
    again = open_people()
    assert again.active
    assert "has not heard yet" in refused(again, ENGINEER, SECRETS[ENGINEER])


def test_nobody_gets_in_by_deleting_copy_and_tries(
    station: StationPeople, open_people: Open, tmp_path: Path
) -> None:
    for name in ("people.json", "people-tries.json"):
        (tmp_path / "データ" / name).unlink()
    again = open_people()  # which saves the place once more
    assert again.active
    assert "has not heard yet" in refused(again, ENGINEER, SECRETS[ENGINEER])


def test_an_empty_password_seals_nothing(
    station: StationPeople, open_people: Open, tmp_path: Path
) -> None:
    file = tmp_path / "データ" / "people.json"
    before = file.read_bytes()
    unlocked = open_people("")
    with pytest.raises(StorageError):
        unlocked.hear(everybody())
    assert file.read_bytes() == before
    assert "knows no password" in refused(unlocked, ENGINEER, SECRETS[ENGINEER])


def test_tries_that_cannot_be_counted_are_not_given(
    station: StationPeople, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "データ" / "people-tries.json"
    file.write_text('{"version": 1, "tries": {"1": [-1, 0]}}', encoding="utf-8")
    assert "wrong tries is damaged" in refused(station, OPERATOR, SECRETS[OPERATOR])
    file.unlink()

    def full(*_: object, **__: object) -> None:
        raise StorageError(Message("disk"))

    monkeypatch.setattr("deeprx_gui.preferences.JsonStore.save", full)
    assert refused(station, OPERATOR, SECRETS[OPERATOR]) == "disk"


def test_names_that_cannot_be_used() -> None:
    assert checked_name("  Sato   Taro ") == "Sato Taro"
    for name in ("", "   ", "a\nb", "a\x00b", "a\u202eb", "x" * 61):
        with pytest.raises(RequestError):
            checked_name(name)


def test_weak_pins_are_refused() -> None:
    assert checked_secret("４７１１", Role.OPERATOR) == "4711"
    for secret, role in (
        ("123", Role.OPERATOR),
        ("4711", Role.ENGINEER),
        ("4711", Role.ADMINISTRATOR),
        ("7777777", Role.ENGINEER),
        ("x" * 65, Role.OPERATOR),
        ("47\n11", Role.OPERATOR),
    ):
        with pytest.raises(RequestError):
            checked_secret(secret, role)


def test_a_hash_is_as_strong_as_the_engineers_pin_and_never_asks_for_too_much(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    kept = secret_hash.hashed("4711")
    n, r, p = map(int, kept.split("$")[1:4])
    assert n * r * p >= 2**15 * 8 * 3
    assert secret_hash.fits("4711", kept)
    assert not secret_hash.fits("4712", kept)
    assert kept != secret_hash.hashed("4711"), "each has a salt of its own"
    for bad in (
        "", "x",  kept.replace("scrypt", "md5"), kept.replace(f"${n}$", "$1073741824$"),
        kept.replace(f"${n}$", "$3$"), kept[:-9], kept.replace("$8$", "$99$"),
    ):  # fmt: skip
        assert not secret_hash.makes_sense(bad)
        with pytest.raises(ValueError, match=r"."):
            secret_hash.fits("4711", bad)


def test_changes_to_products_and_overruled_gates_are_in_the_trail(station: StationPeople) -> None:
    sign_in(station, ENGINEER, Role.ENGINEER)
    station.note_product("rolled-back", "Bracket", 7, ENGINEER, overrule_in({"gate": {}}))
    note = {"gate": {"overruled": "customer waits"}}
    station.note_product("saved", "Bracket", 8, ENGINEER, overrule_in(note))
    entries = station.audit.waiting().entries[-3:]
    assert [(e.what, e.role, e.product, e.revision, dict(e.more)) for e in entries] == [
        ("product rolled-back", "engineer", "Bracket", 7, {}),
        ("product saved", "engineer", "Bracket", 8, {}),
        ("gate overruled", "engineer", "Bracket", 8, {"why": "customer waits"}),
    ]


def test_of_changed_settings_no_address_is_written_down() -> None:
    before = Station(last_profile="a")
    after = replace(
        before,
        takt=2.5,
        sound=True,
        last_profile="b",
        outputs=(OutputSpec("mqtt", "broker", {"password": "secret"}),),
    )
    found = changed_fields(before, after, but=frozenset({"last_profile"}))
    assert found == {"takt": "2.5", "sound": "True", "outputs": "changed"}
