"""``deeprx-gui FILE.deeprx``, and starting it while its window is open."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui import single_instance, window_start
from deeprx_gui.single_instance import claim_or_hand_over, request_folder, take_requests


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the window was opened with."""
    found: list[dict[str, Any]] = []

    def run(*_: object, **given: Any) -> int:
        found.append(given)
        return 0

    monkeypatch.setattr("deeprx_gui.app.run", run)
    return found


def test_a_profile_on_the_command_line_goes_to_the_window(
    opened: list[dict[str, Any]], data_dir: Path
) -> None:
    assert window_start.main(["D:/部品 A.DEEPRX", "b.deeprx"]) == 0
    (given,) = opened
    assert given["files"] == [Path("D:/部品 A.DEEPRX"), Path("b.deeprx")]
    assert given["place"] == request_folder(data_dir)
    assert window_start.main([]) == 0, "the window is gone: the next start is one again"
    assert len(opened) == 2


def test_while_a_window_is_open_it_gets_the_file(
    opened: list[dict[str, Any]], data_dir: Path
) -> None:
    window = claim_or_hand_over(request_folder(data_dir))
    assert window is not None
    taken: list[tuple[Path, ...]] = []

    def answer() -> None:
        deadline = time.monotonic() + 60
        while not taken and time.monotonic() < deadline:
            taken.extend(take_requests(window.place))

    thread = threading.Thread(target=answer)
    thread.start()
    code = window_start.main(["b.deeprx"])
    thread.join()
    window.close()
    assert (code, opened) == (0, [])
    assert taken == [(Path.cwd() / "b.deeprx",)]


def test_a_window_that_hangs_is_a_sentence(
    opened: list[dict[str, Any]],
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    window = claim_or_hand_over(request_folder(data_dir))
    assert window is not None
    monkeypatch.setattr(
        single_instance,
        "claim_or_hand_over",
        lambda place, files: claim_or_hand_over(place, files, patience=0.1),
    )
    code = window_start.main(["--lang", "ja"])
    window.close()
    assert (code, opened) == (2, [])
    assert "すでに起動していますが、応答がありません" in capsys.readouterr().err


def test_where_starts_cannot_meet_the_window_opens_all_the_same(
    opened: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setattr(single_instance, "_own_folder", lambda: tmp_path / "file")
    assert window_start.main([]) == 0
    (given,) = opened
    assert given["place"] is None
