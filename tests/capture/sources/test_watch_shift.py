"""A bad shift at a line: every file is judged exactly once, whatever comes together."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest

from deeprx_gui.capture.sources.base import Source
from deeprx_gui.capture.sources.table import open_source, parse_source
from deeprx_gui.domain.errors import SourceError
from tests.capture.sources.conftest import name_of, nothing_for, put


class Shift:
    """A shift at a line: files come, halves come, the share goes, the program is killed."""

    def __init__(self, root: Path, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - no secret
        self.folder, self.away, self.root = root / "in", root / "away", root
        self.folder.mkdir()
        self.stored: dict[str, str] = {}
        self.made: list[str] = []
        self.halves: dict[str, bytes] = {}
        self.source = self.start()

    @property
    def now_at(self) -> Path:
        return self.folder if self.folder.is_dir() else self.away

    def start(self) -> Source:
        source = open_source(
            parse_source(f"watch:{self.folder}?every=0.02&wait=60&move_to={self.root / 'done'}"),
            known=self.stored.__contains__,
        )
        with contextlib.suppress(SourceError):
            source.open()
        return source

    def file_comes(self) -> None:
        name = f"{len(self.made)}.png"
        whole = put(self.root / "made" / name, len(self.made) % 256).read_bytes()
        self.made.append(name)
        if self.random.random() < 0.3:
            self.halves[name] = whole
            whole = whole[: self.random.randrange(1, len(whole))]
        (self.now_at / name).write_bytes(whole)

    def halves_are_finished(self) -> None:
        for name, whole in self.halves.items():
            (self.now_at / name).write_bytes(whole)
        self.halves.clear()

    def share_goes_or_comes(self) -> None:
        here, there = (self.folder, self.away)
        (here.rename(there) if here.is_dir() else there.rename(here))

    def killed(self) -> None:
        self.source.close()
        self.source = self.start()

    def inspect(self) -> None:
        """Read, store, and now and then be killed before the file is moved away."""
        try:
            captured = self.source.read(0.01)
        except SourceError:
            self.source.close()
            with contextlib.suppress(SourceError):
                self.source.open()
            return
        if captured is None:
            return
        assert captured.error is None
        assert captured.item not in self.stored, "judged twice"
        self.stored[captured.item] = name_of(captured)
        if self.random.random() < 0.1:
            self.killed()
        else:
            self.source.done(captured)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_bad_shift_judges_every_file_exactly_once(tmp_path: Path, seed: int) -> None:
    shift = Shift(tmp_path, seed)
    events = [
        *[shift.file_comes] * 6, shift.halves_are_finished, shift.share_goes_or_comes,
        shift.killed, *[shift.inspect] * 12,
    ]  # fmt: skip
    for _ in range(200):
        shift.random.choice(events)()
    shift.halves_are_finished()
    if not shift.folder.is_dir():
        shift.share_goes_or_comes()
    for _ in range(3000):
        if len(shift.stored) == len(shift.made):
            break
        shift.inspect()
    assert sorted(shift.stored.values()) == sorted(shift.made)
    assert nothing_for(shift.source)
    assert not list(shift.folder.iterdir()), "all were moved away"
    shift.source.close()
