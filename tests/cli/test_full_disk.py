"""A full disk: every command that writes ends with 2 and a sentence, and nothing saved is lost."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, NoReturn

import pytest

from deeprx_gui import atomic
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records.store import RecordStore
from tests.cli.conftest import NAME, SMALL, Run, command, environment
from tests.results.records.conftest import record

SIZE_MB = 4


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let the one writer of files, and what is added to files, find the disk full from now on."""

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fill() -> None:
        monkeypatch.setattr(atomic, "_create", refuse)
        monkeypatch.setattr(os, "fsync", refuse)

    return fill


def test_every_command_that_writes_says_so(
    home: Path, parts: Path, tmp_path: Path, run: Run, full: Callable[[], None]
) -> None:
    store = ProfileStore(home / "profiles")
    exported = store.export(NAME, tmp_path / "x.deeprx")
    store.save(store.load(NAME))
    before = store.history(NAME)
    full()
    for words in (
        ("fit", NAME, parts / "good", *SMALL),
        ("fit", "another", parts / "good", *SMALL),
        ("profiles", "rollback", NAME, 1),
        ("profiles", "import", exported, "--as-new"),
        ("profiles", "export", NAME, tmp_path / "y.deeprx"),
        ("score", NAME, parts / "bad", "--csv", tmp_path / "t.csv"),
        ("score", NAME, parts / "bad", "--csv", tmp_path / "t.xlsx"),
        ("score", NAME, parts / "bad", "--overlays", tmp_path / "pictures"),
        ("history", "export", tmp_path / "h.csv"),
        ("history", "export", tmp_path / "h.xlsx"),
        ("history", "report", tmp_path / "h.html"),
    ):
        ran = run(*words)
        assert ran.code == 2, (words, ran.out, ran.err)
        assert "disk is full" in ran.err or "No space left" in ran.err, (words, ran.err)
        assert "Traceback" not in ran.out + ran.err
    assert ProfileStore(home / "profiles").history(NAME) == before
    assert not list(tmp_path.glob("[thy].*"))


def test_what_only_reads_goes_on(
    home: Path, parts: Path, run: Run, full: Callable[[], None]
) -> None:
    full()
    for words in (
        ("profiles", "list"),
        ("profiles", "show", NAME),
        ("profiles", "verify"),
        ("history", "list"),
        ("history", "verify"),
        ("backbones", "list"),
    ):
        assert run(*words).code == 0, words
    assert run("score", NAME, parts / "bad").code == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes, in memory."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "none", str(place)]
    if sys.platform != "linux" or os.getuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may make a small disk")
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("this machine mounts no disk in memory")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_is_really_full(learnt: Path, parts: Path, small_disk: Path) -> None:
    """Log, lock files, verdicts and the last use of a profile: nothing finds room any more."""
    data = small_disk / "データ"
    shutil.copytree(learnt / "profiles", data / "profiles")
    store = RecordStore(data / "results")
    store.add(record(1))
    store.close()
    with (small_disk / "fill").open("wb", buffering=0) as fill, suppress(OSError):
        for _ in range(SIZE_MB << 8):
            fill.write(b"x" * 4096)
    assert shutil.disk_usage(small_disk).free < 4096

    def start(*words: object) -> CompletedProcess[bytes]:
        ran = subprocess.run(
            command(*words),
            env=environment(data),
            capture_output=True,
            check=False,
            timeout=100,
            cwd=Path(__file__).parents[2],
            stdin=subprocess.DEVNULL,
        )
        assert b"Traceback" not in ran.stdout + ran.stderr, ran.stderr.decode()
        assert b"Logging error" not in ran.stderr
        return ran

    assert start("profiles", "list").returncode == 0
    assert start("history", "list").returncode == 0
    assert start("score", NAME, parts / "bad").returncode == 1
    for words in (
        ("profiles", "export", NAME, small_disk / "x.deeprx"),
        ("history", "decide", 1, "ng"),
        ("inspect", NAME, "--source", f"replay:{parts / 'good'}", "--count", 2),
    ):
        ran = start(*words)
        assert ran.returncode == 2, (words, ran.stdout, ran.stderr)
        assert "full" in ran.stderr.decode(), (words, ran.stderr.decode())
    (small_disk / "fill").unlink()
    assert start("history", "decide", 1, "ng").returncode == 0
    assert start("profiles", "verify").returncode == 0


@pytest.mark.skipif(os.name != "posix", reason="pipes and devices of POSIX")
def test_what_is_no_file_is_not_waited_for(run: Run, home: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.pth"
    os.mkfifo(pipe)
    for file in (pipe, Path("/dev/zero"), tmp_path):
        ran = run("backbones", "import", file)
        assert ran.code == 2
        assert "not a file on a disk" in ran.err
    ran = run("fit", "x", home, "--region", pipe)
    assert ran.code == 2
    assert "holds no region" in ran.err
    deep = tmp_path / "deep.json"
    deep.write_text("[" * 900_000)
    assert "holds no region" in run("fit", "x", home, "--region", deep).err
