"""A full disk: every command that writes ends with 2 and a sentence, and nothing saved is lost."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, NoReturn

import pytest

from deeprx_gui import atomic
from deeprx_gui.atomic import whole_file
from deeprx_gui.domain.message import Message, say
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results import writing
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.work import demo
from deeprx_gui.work.self_test import CHECKS
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
    table = tmp_path / "ratings.csv"
    table.write_text("part,truth,Sato-1,Sato-2,Mori-1,Mori-2\nA,OK,OK,OK,OK,OK\nB,NG,NG,NG,NG,NG\n")
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
        ("msa", table, "--csv", tmp_path / "t.csv"),
        ("msa", table, "--sheet", tmp_path / "t.html"),
    ):
        ran = run(*words)
        assert ran.code == 2, (words, ran.out, ran.err)
        assert "disk is full" in ran.err or "No space left" in ran.err, (words, ran.err)
        assert "Traceback" not in ran.out + ran.err
    assert ProfileStore(home / "profiles").history(NAME) == before
    assert not list(tmp_path.glob("[thy].*"))


@pytest.mark.usefixtures("warm")
def test_a_self_test_is_told_when_its_report_finds_no_room(
    run: Run, tmp_path: Path, full: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    for slow in set(CHECKS) - {"versions", "computer"}:
        monkeypatch.delitem(CHECKS, slow)
    full()
    for option, name in (("--report", "t.json"), ("--support", "t.zip")):
        ran = run("self-test", option, tmp_path / name)
        assert ran.code == 2
        assert "disk is full" in ran.err
        assert "passed" in ran.out
        assert "For support" not in ran.out
        answer = run("self-test", option, tmp_path / name, "--json").json
        assert (answer["ok"], answer["kind"]) == (True, "storage")
        assert [check["name"] for check in answer["checks"]] == ["versions", "computer"]
    assert not list(tmp_path.glob("t.*"))


def test_a_check_that_hangs_ends_the_program_on_a_full_disk_too(
    run: Run, tmp_path: Path, full: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, let_go = list[int](), threading.Event()

    def leave(code: int) -> None:
        ended.append(code)
        let_go.set()

    def hang(_: object) -> Message:
        let_go.wait(60)
        return say("Versions")

    monkeypatch.setattr(os, "_exit", leave)
    for name in list(CHECKS)[1:]:
        monkeypatch.delitem(CHECKS, name)
    monkeypatch.setitem(CHECKS, "versions", (say("Versions"), hang))
    full()
    ran = run("self-test", "--timeout", 1, "--report", tmp_path / "t.json")
    assert ended == [2]
    assert "“Versions” did not end within 1 s" in ran.err
    assert "disk is full" in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.usefixtures("one_setting")
def test_the_demonstration_says_so(
    run: Run, tmp_path: Path, warm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its profile is saved, its verdicts are told; only the pictures and the report are missing."""
    pytest.importorskip("elpv_dataset", reason="needs the sample images (extra: demo)")
    for name, count in (("NORMALS", 8), ("UNSEEN_GOOD", 2), ("UNSEEN_BAD", 2)):
        monkeypatch.setattr(demo, name, count)
    written = whole_file

    @contextmanager
    def refuse(path: Path, **how: Any) -> Iterator[Any]:
        if (tmp_path / "out") in path.parents:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        with written(path, **how) as file:
            yield file

    monkeypatch.setattr(writing, "whole_file", refuse)
    ran = run("demo", "--headless", "--out", tmp_path / "out")
    assert ran.code == 2
    assert "disk is full" in ran.err
    assert "Traceback" not in ran.err
    assert "False calls: " in ran.out
    assert run("profiles", "list", "--json").json["profiles"][0]["revision"] == 1


def test_the_smallest_defects_are_said_though_their_pictures_find_no_room(
    home: Path, run: Run, tmp_path: Path, full: Callable[[], None]
) -> None:
    full()
    ran = run("sees", NAME, "--out", tmp_path / "seen", "--json")
    assert ran.code == 2
    assert ran.json["kind"] == "storage"
    assert {each["kind"] for each in ran.json["seen"]} == {"spot", "scratch"}
    assert all(each["picture"] is None for each in ran.json["seen"])


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
