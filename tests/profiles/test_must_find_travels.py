"""Must-find pictures travel with their product: exported, imported, merged by their bytes."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deeprx_gui.capture import pixels
from deeprx_gui.domain.corrections import CorrectionKind
from deeprx_gui.domain.errors import ProfileError, StorageError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.must_find import (
    MustFindJoined,
    MustFindPicture,
    MustFindTooLargeError,
)
from deeprx_gui.profiles import (
    correction_store,
    must_find_parts,
    must_find_set,
    profile_directory,
)
from deeprx_gui.profiles.codec import decode, decode_whole, encode
from deeprx_gui.profiles.exchange import contents_of
from deeprx_gui.profiles.gate_check import GateError
from deeprx_gui.profiles.png import write_png
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.work import check_incoming as incoming
from deeprx_gui.work.check_incoming import check_incoming, check_outgoing
from tests.profiles.factory import assert_same, make_profile, picture
from tests.profiles.files import document, members, repacked, sealed_zip

WAS_OK, MISSED = CorrectionKind.WAS_OK, CorrectionKind.MISSED
SCRATCH, DENT, CRACK = b"a scratch", b"a dent", b"a crack"


@pytest.fixture
def elsewhere(tmp_path: Path) -> ProfileStore:
    return ProfileStore(tmp_path / "other PC")


def must_find(store: ProfileStore, key: str, *pictures: bytes) -> None:
    """Let these pictures be found from now on."""
    for data in pictures:
        one = store.corrections.add(key, MISSED, data, name=f"{data.decode()}.PNG", who="佐藤")
        store.corrections.applied(key, [one.id], 1)


def pictures_of(store: ProfileStore, key: str) -> dict[str, bytes]:
    book = store.corrections.book(key)
    kept = {one.name: store.corrections.path_of(key, one) for one in book.must_find}
    assert len(kept) == len(book.must_find), "one picture stands twice in the set"
    return {name: path.read_bytes() for name, path in kept.items()}


@pytest.fixture
def key(store: ProfileStore) -> str:
    saved = store.save(make_profile("gear"))
    must_find(store, saved.id, SCRATCH, DENT)
    return saved.id


def test_the_other_pc_knows_them(
    store: ProfileStore, key: str, elsewhere: ProfileStore, tmp_path: Path
) -> None:
    file = store.export(key, tmp_path / "gear.deeprx")
    taken = elsewhere.import_file(file, who="鈴木")
    assert pictures_of(elsewhere, taken.id) == {"a scratch.PNG": SCRATCH, "a dent.PNG": DENT}
    here, there = (
        s.corrections.book(k).must_find for s, k in ((store, key), (elsewhere, taken.id))
    )
    assert [(o.id, o.who, o.when) for o in there] == [(o.id, o.who, o.when) for o in here]
    assert_same(elsewhere.load(taken.id), store.load(key), but=("id",))
    own = (tmp_path / "other PC" / taken.id / "r0001.deeprx").read_bytes()
    assert not any(name.startswith("must_find") for name in members(own)), "kept once, not twice"
    again = elsewhere.export(taken.id, tmp_path / "back.deeprx")
    assert store.examine(again).must_find[0].data == SCRATCH


def test_what_is_inside_is_said_with_its_size(
    store: ProfileStore, key: str, tmp_path: Path
) -> None:
    must_find(store, key, b"x" * 300_000)
    found = contents_of(store.export(key, tmp_path / "gear.deeprx"))
    assert (found.must_find, found.must_find_size) == (3, len(SCRATCH) + len(DENT) + 300_000)
    assert found.size == (tmp_path / "gear.deeprx").stat().st_size
    assert "must-find pictures 3 (0.3 MB)" in str(found.sentence)


def test_they_may_be_left_out(
    store: ProfileStore, key: str, root: Path, tmp_path: Path, elsewhere: ProfileStore
) -> None:
    file = store.export(key, tmp_path / "gear.deeprx", must_find=False)
    assert file.read_bytes() == (root / key / "r0001.deeprx").read_bytes()
    taken = elsewhere.import_file(file, who="鈴木")
    assert not elsewhere.corrections.book(taken.id).every


def test_a_copy_has_them_too(store: ProfileStore, key: str) -> None:
    copied = store.duplicate(key, "gear 2", who="鈴木")
    assert pictures_of(store, copied.id) == pictures_of(store, key)


@pytest.fixture
def both(
    store: ProfileStore, key: str, elsewhere: ProfileStore, tmp_path: Path
) -> tuple[str, Path]:
    """The product on the other PC, with a set of its own, and a newer file of it."""
    old = store.export(key, tmp_path / "old.deeprx", must_find=False)
    there = elsewhere.import_file(old, who="鈴木").id
    must_find(elsewhere, there, DENT, CRACK)
    return there, store.export(key, tmp_path / "gear.deeprx")


def test_two_sets_become_one_without_doubles_and_nothing_is_lost(
    elsewhere: ProfileStore, both: tuple[str, Path]
) -> None:
    there, file = both
    arrival = elsewhere.examine(file)
    assert elsewhere.join_must_find(there, arrival.must_find) == MustFindJoined(1, 1)
    assert set(pictures_of(elsewhere, there).values()) == {SCRATCH, DENT, CRACK}
    assert elsewhere.join_must_find(there, arrival.must_find) == MustFindJoined(0, 2)
    assert len(pictures_of(elsewhere, there)) == 3


def test_taking_over_a_revision_brings_them(
    store: ProfileStore, key: str, elsewhere: ProfileStore, both: tuple[str, Path], tmp_path: Path
) -> None:
    there, file = both
    elsewhere.import_revision(file, there, expected=1, who="鈴木")  # the same state: only these
    assert len(pictures_of(elsewhere, there)) == 3
    loaded = store.load(key)
    store.corrections.remove_must_find(key, [o.id for o in store.corrections.book(key).must_find])
    moved = store.save(make_profile("gear", id=key, revision=loaded.revision, count=7))
    must_find(store, key, b"a hole")
    newer = store.export(key, tmp_path / f"r{moved.revision}.deeprx")
    elsewhere.join_must_find(there, elsewhere.examine(newer).must_find)
    with pytest.raises(GateError, match="was not judged on it"):
        elsewhere.import_revision(newer, there, expected=1, who="鈴木")
    assert len(pictures_of(elsewhere, there)) == 4, "the gate knows those of the file"


def test_one_that_waits_as_missed_counts_from_now_on(
    elsewhere: ProfileStore, both: tuple[str, Path]
) -> None:
    there, file = both
    elsewhere.corrections.add(there, MISSED, SCRATCH, name="waits.png", who="鈴木", uid="7")
    joined = elsewhere.join_must_find(there, elsewhere.examine(file).must_find)
    book = elsewhere.corrections.book(there)
    assert (joined.joined, book.pending) == (1, ())
    assert [one.name for one in book.must_find if one.uid == "7"] == ["waits.png"]
    assert SCRATCH in pictures_of(elsewhere, there).values()


def test_one_that_is_called_good_here_does_not_join_and_is_named(
    elsewhere: ProfileStore, both: tuple[str, Path]
) -> None:
    there, file = both
    elsewhere.corrections.add(there, WAS_OK, SCRATCH, name="good.png", who="鈴木")
    joined = elsewhere.join_must_find(there, elsewhere.examine(file).must_find)
    assert joined == MustFindJoined(0, 1, good=("a scratch.PNG",))
    assert "called a good part here" in str(joined.remarks[0])
    assert len(elsewhere.corrections.book(there).pending) == 1


def test_what_finds_no_room_is_named(
    elsewhere: ProfileStore, both: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(must_find_set, "MOST_MUST_FIND", 2)
    there, file = both
    joined = elsewhere.join_must_find(there, elsewhere.examine(file).must_find)
    assert joined == MustFindJoined(0, 1, full=("a scratch.PNG",))
    assert "found no room" in str(joined.remarks[0])
    assert len(pictures_of(elsewhere, there)) == 2


def test_what_a_person_removed_does_not_come_back_by_itself(
    elsewhere: ProfileStore, both: tuple[str, Path]
) -> None:
    there, file = both
    arriving = elsewhere.examine(file).must_find
    (dent,) = (one for one in arriving if one.data == DENT)
    elsewhere.corrections.remove_must_find(there, [dent.id])
    joined = elsewhere.join_must_find(there, arriving, removed_too=False)
    assert joined == MustFindJoined(1, 0, removed=("a dent.PNG",))
    assert "was removed from the must-find set here" in str(joined.remarks[1])
    elsewhere.import_revision(file, there, expected=1, who="鈴木", removed_too=False)
    assert DENT not in pictures_of(elsewhere, there).values()
    elsewhere.corrections.add(there, MISSED, b"a hole", name="hole.png", who="鈴木")
    assert elsewhere.corrections.book(there).removed == (dent.id,), "other changes keep it"
    assert elsewhere.join_must_find(there, arriving) == MustFindJoined(1, 1), "a person asked"
    assert elsewhere.corrections.book(there).removed == ()


def test_so_many_removed_ones_are_remembered(
    store: ProfileStore, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(correction_store, "MOST_REMOVED", 1)
    ids = [one.id for one in store.corrections.book(key).must_find]
    assert store.corrections.remove_must_find(key, ids).removed == (ids[1],)
    assert store.corrections.book(key).removed == (ids[1],)


def test_a_set_with_a_gap_is_not_exported_as_whole(
    store: ProfileStore, key: str, tmp_path: Path
) -> None:
    one = store.corrections.book(key).must_find[0]
    store.corrections.path_of(key, one).write_bytes(b"something else")
    with pytest.raises(ProfileError, match=r"“a scratch.PNG” .* missing or damaged"):
        store.export(key, tmp_path / "gear.deeprx")
    store.export(key, tmp_path / "gear.deeprx", must_find=False)


def test_a_set_that_is_too_large_is_refused_before_a_picture_is_read(
    store: ProfileStore, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(must_find_parts, "MOST_TOGETHER", len(DENT))
    monkeypatch.setattr(must_find_set, "patiently", lambda _: pytest.fail("read"))
    with pytest.raises(ProfileError, match="too large together"):
        store.export(key, tmp_path / "gear.deeprx")
    with pytest.raises(ProfileError, match="too large together"):
        store.duplicate(key, "gear 2", who="鈴木")
    store.export(key, tmp_path / "gear.deeprx", must_find=False)


def test_a_full_disk_is_said_and_the_file_may_be_imported_again(
    store: ProfileStore,
    key: str,
    elsewhere: ProfileStore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: Any) -> None:
        raise StorageError(say("The disk is full."))

    file = store.export(key, tmp_path / "gear.deeprx")
    with monkeypatch.context() as patch:
        patch.setattr(profile_directory, "join_must_find", full)
        with pytest.raises(StorageError, match=r"without its must-find set\. The disk is full"):
            elsewhere.import_file(file, who="鈴木")
    known = elsewhere.examine(file).known
    assert known is not None
    elsewhere.import_revision(file, known.id, expected=1, who="鈴木")
    assert len(pictures_of(elsewhere, known.id)) == 2


def travelling(*pictures: bytes) -> bytes:
    when = make_profile().origin.when
    found = [MustFindPicture(f"{n}.jpg", "佐藤", when, data) for n, data in enumerate(pictures)]
    return encode(make_profile(id="abc", revision=4), found)


def test_a_file_with_them_is_the_same_profile_and_the_same_bytes_each_time() -> None:
    data = travelling(SCRATCH, DENT)
    assert data == travelling(SCRATCH, DENT)
    whole = decode_whole(io.BytesIO(data))
    assert [one.data for one in whole.must_find] == [SCRATCH, DENT]
    assert encode(decode(io.BytesIO(data))) == encode(make_profile(id="abc", revision=4))


Refuse = Callable[[bytes], str]


@pytest.fixture
def refuse(tmp_path: Path) -> Refuse:
    def check(data: bytes) -> str:
        store, file = ProfileStore(tmp_path / "here", check=check_incoming), tmp_path / "bad.deeprx"
        file.write_bytes(data)
        with pytest.raises(ProfileError) as caught:
            store.import_file(file, who="鈴木")
        assert store.list() == ()
        return str(caught.value)

    return check


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("member", "must_find/001.jpg"),
        ("member", "../../evil.jpg"),
        ("name", "0.exe"),
        ("name", "x" * 400 + ".jpg"),
        ("name", 5),
        ("who", None),
        ("when", "2026-11-29T08:00:00"),
        ("when", "0001-01-01T00:00:00+14:00"),
        ("when", "9999-12-31T23:59:59-12:00"),
        ("when", "2200-01-01T00:00:00+00:00"),
    ],
)
def test_an_entry_that_makes_no_sense(refuse: Refuse, key: str, value: object) -> None:
    data = travelling(SCRATCH)
    raw = document(data)
    raw["must_find"][0][key] = value
    assert "“must_find” of the profile makes no sense" in refuse(repacked(data, raw))


@pytest.mark.parametrize("value", [None, {}, "all", [[]], [{}] * 201])
def test_a_list_that_is_none(refuse: Refuse, value: object) -> None:
    data = travelling()
    refuse(repacked(data, {**document(data), "must_find": value}))


def test_pictures_that_are_exchanged_missing_or_too_many(refuse: Refuse) -> None:
    data = travelling(SCRATCH)
    parts = members(data)
    exchanged = [(n, DENT if n == "must_find/000.jpg" else part) for n, part in parts.items()]
    assert "is not as it was saved" in refuse(sealed_zip(exchanged))
    less = {**document(data), "must_find": []}
    assert "not the ones it says it has" in refuse(repacked(data, less))
    more = {"must_find/001.jpg": DENT}
    assert "not the ones it says it has" in refuse(repacked(data, document(data), more))
    odd = {"must_find/1.jpg": DENT}
    assert "does not belong into a profile" in refuse(repacked(data, document(data), odd))


def test_sizes_are_bounded(refuse: Refuse, monkeypatch: pytest.MonkeyPatch) -> None:
    data = travelling(SCRATCH, DENT)
    empty = {"must_find/000.jpg": b""}
    assert "is empty or larger" in refuse(repacked(data, document(data), empty))
    monkeypatch.setattr(must_find_parts, "MOST_BYTES", len(DENT))
    assert "is empty or larger" in refuse(data)
    monkeypatch.setattr(must_find_parts, "MOST_TOGETHER", len(DENT))
    assert "too large together" in refuse(data)
    with pytest.raises(ProfileError, match="too large together"):
        travelling(SCRATCH, DENT)


def test_a_picture_that_cannot_be_opened_is_refused_on_arrival(
    refuse: Refuse, tmp_path: Path
) -> None:
    assert "a must-find picture in the file cannot be opened" in refuse(travelling(SCRATCH))
    good = tmp_path / "good.deeprx"
    good.write_bytes(travelling(write_png(picture())))
    store = ProfileStore(tmp_path / "here", check=check_incoming)
    assert pictures_of(store, store.import_file(good, who="").id)["0.jpg"] == write_png(picture())


def test_pixels_together_are_bounded_before_any_picture_is_unpacked(
    refuse: Refuse, monkeypatch: pytest.MonkeyPatch
) -> None:
    blank = write_png(np.zeros((400, 500, 3), np.uint8))
    monkeypatch.setattr(incoming, "MOST_MUST_FIND_PIXELS", 300_000)
    with monkeypatch.context() as patch:
        patch.setattr(pixels, "read_pixels", lambda *_: pytest.fail("unpacked"))
        assert "must-find pictures have 0 megapixels together" in refuse(travelling(blank, blank))


def test_what_could_not_be_imported_again_is_not_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blank = write_png(np.zeros((400, 500, 3), np.uint8))
    store = ProfileStore(tmp_path / "here", None, check_incoming, check_outgoing)
    key = store.save(make_profile("gear")).id
    for n in range(2):
        one = store.corrections.add(key, MISSED, blank + bytes(n), name=f"{n}.png", who="佐藤")
        store.corrections.applied(key, [one.id], 1)
    file = store.export(key, tmp_path / "good.deeprx")
    monkeypatch.setattr(incoming, "MOST_MUST_FIND_PIXELS", 300_000)
    with pytest.raises(MustFindTooLargeError, match=r"have 0 megapixels together.*leave them"):
        store.export(key, tmp_path / "bad.deeprx")
    assert not (tmp_path / "bad.deeprx").exists()
    with pytest.raises(ProfileError, match="have 0 megapixels together"):
        store.import_file(file, who="")
    store.export(key, tmp_path / "without.deeprx", must_find=False)


def test_as_many_pixels_as_its_size_is_worth_are_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incoming, "MOST_MUST_FIND_PIXELS", 1)
    file = tmp_path / "good.deeprx"
    file.write_bytes(travelling(write_png(picture())))
    store = ProfileStore(tmp_path / "here", check=check_incoming)
    assert len(pictures_of(store, store.import_file(file, who="").id)) == 1


def test_a_file_that_was_looked_at_is_not_unpacked_again(tmp_path: Path) -> None:
    looked = list[int]()
    store = ProfileStore(tmp_path / "here", check=lambda whole: looked.append(len(whole.must_find)))
    file = tmp_path / "good.deeprx"
    file.write_bytes(travelling(SCRATCH))
    store.examine(file)
    store.import_file(file, who="")
    assert looked == [1]
    file.write_bytes(travelling(SCRATCH, DENT))  # exchanged in the meantime
    store.import_file(file, who="")
    assert looked == [1, 2]
