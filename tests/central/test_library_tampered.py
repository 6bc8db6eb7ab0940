"""What comes from the library is trusted in nothing: bytes, names, signatures, a broken wire."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from deeprx_gui import library_settings
from deeprx_gui.central import library, signing
from deeprx_gui.central.connect import CentralConnection
from deeprx_gui.domain.errors import CentralError, ProfileError, RequestError
from deeprx_gui.domain.library import PIECE_BYTES, Following, FollowMode, RunState, TrustedKey
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.codec import decode, encode
from deeprx_gui.work import fetch_revision
from deeprx_gui.work.library_book import LibraryBook
from deeprx_gui.work.release_revision import prove_draft, read_proved
from tests.central.cutting_proxy import cutting_proxy
from tests.central.plant import AUTO, NAME, Engineer, Station, drive, open_store

NewStation = Callable[..., Station]
SMALL = 4096


@pytest.fixture
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Publish a small file in many pieces."""
    monkeypatch.setattr(library, "PIECE_BYTES", SMALL)
    monkeypatch.setattr(fetch_revision, "PIECE_BYTES", SMALL)


BYTES = "UPDATE library_pieces SET bytes = set_byte(bytes, 5000, get_byte(bytes, 5000) # 1)"
OTHER_FILE = (
    BYTES,
    (
        "UPDATE library_revisions SET sha256 = (SELECT sha256(string_agg(bytes, ''::bytea ORDER BY"
        " piece)) FROM library_pieces WHERE revision = number)"
    ),
)
TAMPERED = {
    "a byte": ((BYTES,), "not those that were published"),
    "the hash": (
        ("UPDATE library_revisions SET sha256 = sha256('x')",),
        "not those that were published",
    ),
    "a byte and its hash": (OTHER_FILE, "was not imported"),
    "the size": (("UPDATE library_revisions SET size = 17",), "not those that were published"),
    "the name": (("UPDATE library_revisions SET name = 'Other'",), "called “Bracket”"),
    "the mark": (("UPDATE library_revisions SET mark = repeat('a', 32)",), "another state"),
    "the product": (
        ("UPDATE library_products SET lineage = repeat('b', 32)",),
        "another product",
    ),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_tampered_file_is_refused(
    engineer: Engineer, new_station: NewStation, owner: CentralConnection, what: str
) -> None:
    station = new_station("a")
    engineer.release(engineer.publish(1.1))
    statements, sentence = TAMPERED[what]
    for sql in statements:
        owner.run(sql)
    (report,) = station.look().products
    assert report.state is RunState.TROUBLE
    assert sentence in str(report.sentence)
    assert station.runs() is None
    assert not list(station.book.incoming.rglob("*.deeprx"))


def test_only_what_a_trusted_key_released_is_run(
    engineer: Engineer, new_station: NewStation, owner: CentralConnection
) -> None:
    key, other = signing.new_key(), signing.new_key()
    trusted = TrustedKey("Sato", signing.public_text(key))
    signed = Following(FollowMode.AUTO, signed=True, trusted=(trusted,))
    station = new_station("a", following=signed)
    engineer.release(engineer.publish(1.1))
    assert "bears no signature" in str(station.look().news[0])
    engineer.release(engineer.publish(1.2), key=other)
    assert "does not trust" in str(station.look(at_once=True).products[0].sentence)
    assert station.runs() is None
    good = engineer.release(engineer.publish(1.3), key=key)
    assert station.look().changed
    owner.run("UPDATE library_states SET signature = set_byte(signature, 3, 0) WHERE key <> ''")
    (report,) = station.look().products  # it runs already, and is looked at all the same
    assert report.state is RunState.TROUBLE
    assert "signature of its release is wrong" in str(report.sentence)
    station.set(replace(signed, signed=False))  # not asked for, but a trusted key must be right
    assert station.look().products[0].state is RunState.TROUBLE
    station.set(AUTO)
    assert station.look().products[0].state is RunState.CURRENT
    assert good.released is not None


def test_a_file_changed_on_the_station_is_seen(engineer: Engineer, new_station: NewStation) -> None:
    station = new_station("a")
    for review in (1.1, 1.2):
        engineer.release(engineer.publish(review))
        station.look()
    key = station.store.find_id(NAME)
    assert key is not None
    file = next(station.folder.rglob("r0002.deeprx"))
    with file.open("rb") as opened:
        profile = decode(opened)
    forged = replace(profile, limits=replace(profile.limits, ng=100 * profile.limits.ng))
    file.write_bytes(encode(forged))  # a sound file with the same mark
    (report,) = station.look().products
    assert report.state is RunState.TROUBLE
    assert "holds something else" in str(report.sentence)
    limits = station.runs()
    assert limits is not None
    assert limits.review_times == pytest.approx(1.1)  # the last good one


def test_a_cut_in_the_middle_leaves_no_half_file_and_goes_on_there(
    engineer: Engineer, new_station: NewStation, small_pieces: None
) -> None:
    station = new_station("a")
    revision = engineer.release(engineer.publish(1.1))
    assert revision.size > 8 * SMALL
    with cutting_proxy(station.place.port, 60_000) as (port, cut):
        station.through(port)
        report = station.look()
        assert (cut.cuts, station.runs()) == (1, None)
        assert report.offline is not None
        (part,) = station.book.incoming.glob("*.part")
        assert SMALL <= part.stat().st_size < revision.size
        before = cut.passed
        assert station.look().changed
        assert cut.passed - before < 2 * revision.size  # not from the beginning: two digits a byte
    assert not list(station.book.incoming.iterdir())


def test_publishing_that_is_cut_leaves_nothing(engineer: Engineer, small_pieces: None) -> None:
    port = engineer.place.port
    with cutting_proxy(port, 800) as (through, _cut):
        engineer.place = replace(engineer.place, port=through)
        with pytest.raises(CentralError):
            engineer.publish(1.1)
    engineer.place = replace(engineer.place, port=port)
    assert engineer.known() == []
    assert engineer.publish().number == 1


def test_half_a_file_is_refused_by_the_server(engineer: Engineer) -> None:
    revision = engineer.publish(1.1)

    def half(connection: CentralConnection) -> None:
        new = library.NewRevision(b"x" * 9, "c" * 32, "d" * 32, (), "Half", "Sato")
        library.publish(connection, new, lambda row: _drop(connection, row))

    def _drop(connection: CentralConnection, row: int) -> None:
        more = "INSERT INTO library_pieces (revision, piece, bytes) VALUES (:row, 1, 'more')"
        connection.run(more, row=row)

    with pytest.raises(RequestError, match="not arrive whole"):
        engineer.do(half)
    assert engineer.known() == [revision]


def test_a_key_in_a_file_is_locked_and_its_owners_alone(tmp_path: Path) -> None:
    key, file = signing.new_key(), tmp_path / "key.pem"
    with pytest.raises(RequestError, match="too short"):
        signing.write(key, file, "short")
    signing.write(key, file, "correct horse battery")
    assert signing.public_text(signing.read(file, "correct horse battery")) == (
        signing.public_text(key)
    )
    with pytest.raises(RequestError, match="passphrase is wrong"):
        signing.read(file, "wrong")
    with pytest.raises(RequestError, match="never overwritten"):
        signing.write(key, file, "correct horse battery")
    file.chmod(0o644)
    with pytest.raises(RequestError, match="Others may read"):
        signing.read(file, "correct horse battery")


def test_how_a_pc_follows_is_remembered_and_never_less_strictly(tmp_path: Path) -> None:
    file = tmp_path / "library.json"
    assert not library_settings.load(file).on
    key = TrustedKey("Sato", "ab" * 32)
    following = Following(FollowMode.ASK, 60.0, signed=True, trusted=(key,))
    library_settings.save(following, file)
    assert library_settings.load(file) == following
    with pytest.raises(RequestError, match="no key is trusted"):
        library_settings.save(replace(following, trusted=()), file)
    with pytest.raises(RequestError, match="64 hexadecimal"):
        library_settings.save(replace(following, trusted=(TrustedKey("x", "ab"),)), file)
    file.write_text('{"version": 1, "mode": "auto", "signed": "no", "trusted": [1]}')
    assert library_settings.load(file) == Following(FollowMode.AUTO, signed=True)


@pytest.mark.parametrize("what", TAMPERED)
def test_no_engineer_releases_a_draft_that_was_changed(
    engineer: Engineer, new_station: NewStation, owner: CentralConnection, what: str
) -> None:
    engineer.publish(1.1)
    statements, _sentence = TAMPERED[what]
    for sql in statements:
        owner.run(sql)
    (draft,) = engineer.known()
    other = new_station("b")
    with CentralConnection(engineer.place, engineer.password) as connection:
        for store, book in (
            (open_store(engineer.folder), LibraryBook(Paths(engineer.folder).library)),
            (other.store, other.book),
        ):
            with pytest.raises(ProfileError):
                drive(prove_draft(connection, draft, store, book))
    assert engineer.known()[0].released is None


def test_a_sound_file_put_in_the_place_of_a_draft_is_seen_by_who_published_it(
    engineer: Engineer, new_station: NewStation, owner: CentralConnection
) -> None:
    draft = engineer.publish(1.1)
    mine, other = LibraryBook(Paths(engineer.folder).library), new_station("b")
    with CentralConnection(engineer.place, engineer.password) as connection:
        proved = drive(prove_draft(connection, draft, open_store(engineer.folder), mine))
        assert proved.own
        data = drive(read_proved(connection, draft, mine))
        profile = decode(io.BytesIO(data))
        limits = replace(profile.limits, ng=100 * profile.limits.ng)
        forged = encode(replace(profile, limits=limits))
        owner.run("ALTER TABLE library_pieces DISABLE TRIGGER closed")
        owner.run("DELETE FROM library_pieces")
        for piece, start in enumerate(range(0, len(forged), PIECE_BYTES)):
            part = forged[start : start + PIECE_BYTES]
            add = "INSERT INTO library_pieces VALUES (:row, :piece, :bytes)"
            owner.run(add, row=draft.row, piece=piece, bytes=part)
        owner.run(
            "UPDATE library_revisions SET size = :size, sha256 = sha256(:data)",
            size=len(forged), data=forged,
        )  # fmt: skip
        changed = engineer.fresh(draft)
        with pytest.raises(ProfileError, match="published from this PC, and its bytes"):
            drive(prove_draft(connection, changed, open_store(engineer.folder), mine))
        seen = drive(prove_draft(connection, changed, other.store, other.book))
        assert not seen.own  # a person has to look at the limits
        assert f"NG limit {limits.ng_times:.2f}" in str(seen.summary)
