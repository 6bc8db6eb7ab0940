"""What a start runs into on a real PC, tried alike with the frozen programs of Linux and Windows.

A ``Door`` starts the program; ``run`` tries every case and photographs what the window says.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from deeprx_gui.profiles.archive import pack
from deeprx_gui.work.drawn_samples import drawn_dataset
from open_window import OpenWindow
from trial import TrialError, run_all

_ROOT = Path(__file__).resolve().parents[1]
_LONG = 330
NEWER = 99
"""A schema number that only a newer program writes."""
_NORMALS, _UNSEEN = 12, 2


class Door(Protocol):
    """Starts the program; paths are those of this machine."""

    @property
    def home(self) -> Path:
        """A folder for data and pictures; its path has Japanese letters and a space."""

    @property
    def keeps_no_log(self) -> bool:
        """Where nothing can be written, only its picture shows what the window says."""

    def console(self, data: Path, *words: str | Path, codes: Sequence[int] = (0,)) -> str:
        """Run ``deeprx``, return all it printed. Raises TrialError on another exit code."""

    def start(self, data: Path, *words: str | Path) -> int:
        """Run ``DeepRX Inspector`` to its end, return its exit code."""

    def window(self, data: Path, *words: str | Path) -> AbstractContextManager[OpenWindow]:
        """Open the window; it is closed in the end."""

    def read_only(self, folder: Path) -> AbstractContextManager[None]:
        """Take the right to write in a folder away from the program."""


def newer_profile(door: Door, _figures: dict[str, object]) -> None:
    """A profile that a newer program has made, double-clicked."""
    file = door.home / "新しい版の 品種.deeprx"
    file.write_bytes(with_schema(NEWER))
    _refused(door, file, "newer program", "newer-profile")


def damaged_profile(door: Door, _figures: dict[str, object]) -> None:
    """A profile that was cut off on its way, double-clicked."""
    file = door.home / "途中で切れた 品種.deeprx"
    whole = _sample().read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    _refused(door, file, file.name, "damaged-profile")


def _refused(door: Door, file: Path, words: str, picture: str) -> None:
    data = door.home / picture
    said = door.console(data, "profiles", "import", file, codes=(2,))
    _expect(words in said, f"it was not said why: {said}")
    with door.window(data, file) as opened:
        opened.wait_until_shown()
        opened.wait_until_said(words)
        opened.photograph(picture)
        _expect(opened.runs, "the window is gone")
    listed = json.loads(door.console(data, "profiles", "list", "--json"))
    _expect(listed["profiles"] == [], f"something was imported: {listed}")


def second_start(door: Door, figures: dict[str, object]) -> None:
    """Started a second time with a profile: the first window takes it and stays the only one."""
    data = door.home / "second-start"
    file = Path(shutil.copy(_sample(), door.home / "届いた 品種.deeprx"))
    with door.window(data) as opened:
        opened.wait_until_shown()
        before = opened.shown.picture()
        start = time.monotonic()
        code = door.start(data, file)
        figures["second_start_seconds"] = round(time.monotonic() - start, 1)
        _expect(code == 0, f"the second start ended with code {code}")
        _expect(opened.runs, "the first window is gone")
        opened.wait_until_changed(before)  # it asks whether to import
        opened.photograph("second-start")


def read_only_data(door: Door, _figures: dict[str, object]) -> None:
    """A data folder that can only be read: looking and scoring work, the rest is said."""
    data = door.home / "read-only"
    drawn = drawn_dataset(door.home / "部品 parts", _NORMALS, _UNSEEN, _UNSEEN)
    unseen = [item.path for item in drawn.test]
    door.console(data, "fit", "部品", *drawn.train)
    before = _files(data)
    with door.read_only(data):
        said = door.console(data, "fit", "other", *drawn.train, codes=(2,))
        _expect("right" in said or "read" in said, f"it was not said why: {said}")
        answer = json.loads(door.console(data, "score", "部品", *unseen, "--json", codes=(0, 1)))
        _expect(len(answer["images"]) == len(unseen), "not every picture was scored")
        with door.window(data) as opened:
            opened.wait_until_shown()
            if not door.keeps_no_log:
                opened.wait_until_said("can only be read")
            opened.photograph("read-only-data")
            _expect(opened.runs, "the window is gone")
    _expect(_files(data) == before, "the data has changed")


def long_path(door: Door, figures: dict[str, object]) -> None:
    """Data and pictures below a path of more than 300 characters."""
    folder = door.home
    while len(str(folder)) < _LONG:
        folder /= "とても 長い名前のフォルダー 検査工程二号機 2026年度"
    drawn = drawn_dataset(folder / "部品", _NORMALS, _UNSEEN, _UNSEEN)
    figures["long_path_characters"] = len(str(drawn.train[0]))
    data = folder / "データ"
    door.console(data, "fit", "部品", *drawn.train)
    unseen = [item.path for item in drawn.test]
    answer = json.loads(door.console(data, "score", "部品", *unseen, "--json", codes=(0, 1)))
    bad = {item.path.name: item.bad for item in drawn.test}
    for image in answer["images"]:
        name = Path(image["path"].replace("\\", "/")).name
        _expect((image["times_limit"] > 1) == bad[name], f"wrong verdict: {image}")


def _sample() -> Path:
    return _ROOT / "tests" / "data" / "profiles" / "v2.deeprx"


def with_schema(number: int) -> bytes:
    """Return a genuine profile that says it has this schema."""
    with zipfile.ZipFile(_sample()) as container:
        parts = {name: container.read(name) for name in container.namelist()}
    document = json.loads(parts.pop("profile.json"))
    hashes = {name: hashlib.sha256(part).hexdigest() for name, part in parts.items()}
    text = json.dumps({**document, "schema": number, "members": hashes})
    return pack({"profile.json": text.encode(), **parts})


def _files(folder: Path) -> dict[str, bytes]:
    kept = (p for p in sorted(folder.rglob("*")) if p.is_file() and "logs" not in p.parts)
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in kept}


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise TrialError(otherwise)


Trial = Callable[[Door, dict[str, object]], None]
TRIALS: tuple[Trial, ...] = (
    newer_profile,
    damaged_profile,
    second_start,
    read_only_data,
    long_path,
)


def run(door: Door, figures: dict[str, object]) -> list[str]:
    """Run every trial; return what failed, ``figures`` gets what was measured."""
    door.home.mkdir(parents=True, exist_ok=True)
    return run_all(TRIALS, door, figures)
