"""A second start hands over what it brought, whatever state the first one is in."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from deeprx_gui import single_instance
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.single_instance import (
    NoAnswerError,
    WindowInstance,
    claim_or_hand_over,
    request_folder,
    take_requests,
)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return request_folder(tmp_path / "検査 データ")


@pytest.fixture
def first(place: Path) -> Iterator[WindowInstance]:
    window = claim_or_hand_over(place)
    assert window is not None
    yield window
    window.close()


def answering(place: Path, taken: list[tuple[Path, ...]]) -> threading.Thread:
    """Stand in for the window that is open."""

    def answer() -> None:
        deadline = time.monotonic() + 60
        while not taken and time.monotonic() < deadline:
            taken.extend(take_requests(place))

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


def test_the_second_start_hands_over_its_files_and_ends(
    first: WindowInstance, tmp_path: Path
) -> None:
    taken: list[tuple[Path, ...]] = []
    thread = answering(first.place, taken)
    file = tmp_path / "部品 A.DeepRX"
    assert claim_or_hand_over(first.place, [file, tmp_path / "letter.txt"]) is None
    thread.join()
    assert taken == [(file,)], "profiles only"


def test_without_files_it_only_asks_the_window_to_come_forward(first: WindowInstance) -> None:
    taken: list[tuple[Path, ...]] = []
    thread = answering(first.place, taken)
    assert claim_or_hand_over(first.place) is None
    thread.join()
    assert taken == [()]


def test_a_window_that_does_not_answer_is_named(first: WindowInstance) -> None:
    with pytest.raises(NoAnswerError, match="running already, but does not answer"):
        claim_or_hand_over(first.place, patience=0.1)
    assert take_requests(first.place) == [], "nothing is done later that nobody waits for"


def test_after_a_window_that_was_closing_the_second_start_is_the_window(
    first: WindowInstance,
) -> None:
    closing = threading.Timer(0.1, first.close)
    closing.start()
    second = claim_or_hand_over(first.place)
    closing.join()
    assert second is not None
    assert take_requests(first.place) == []
    second.close()


def test_a_lock_left_by_a_program_that_died_keeps_nobody_out(place: Path) -> None:
    place.mkdir(parents=True)
    (place / "window.lock").write_bytes(b"left over")
    window = claim_or_hand_over(place)
    assert window is not None
    window.close()


def test_two_data_folders_have_two_windows(first: WindowInstance, tmp_path: Path) -> None:
    other = claim_or_hand_over(request_folder(tmp_path / "other"))
    assert other is not None
    other.close()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"format": "other", "files": []}', '{"format": "deeprx-request"}',
     '{"format": "deeprx-request", "files": "x"}', '{"format": "deeprx-request", "files": [1]}',
     '{"format": "deeprx-request", "files": ["a\\u0000.deeprx"]}'],
)  # fmt: skip
def test_what_is_no_request_is_dropped(first: WindowInstance, text: str) -> None:
    file = first.place / "x.request"
    file.write_text(text, encoding="utf-8")
    assert take_requests(first.place) == []
    assert not file.exists()


def test_an_old_request_is_dropped(first: WindowInstance, tmp_path: Path) -> None:
    file = first.place / "x.request"
    document = {"format": "deeprx-request", "files": [str(tmp_path / "a.deeprx")]}
    file.write_text(json.dumps(document), encoding="utf-8")
    os.utime(file, (time.time() - 3600,) * 2)
    assert take_requests(first.place) == []
    assert not file.exists()


def test_a_folder_that_cannot_be_made_is_an_ordinary_refusal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_bytes(b"")
    monkeypatch.setattr(single_instance, "_own_folder", lambda: blocked)
    with pytest.raises(StorageError) as told:
        claim_or_hand_over(request_folder(tmp_path))
    assert not isinstance(told.value, NoAnswerError)
