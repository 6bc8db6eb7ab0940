"""``deeprx`` as a program of its own: pipes, consoles, Ctrl-C, and the plug pulled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli import pictures
from tests.cli.conftest import NAME, ROOT, SMALL, Run, command, environment

Process = Callable[..., subprocess.CompletedProcess[bytes]]

posix = pytest.mark.skipif(os.name != "posix", reason="signals and terminals of POSIX")
JAPANESE = "ブラケット 型番 7"


def test_names_paths_and_pipes(process: Process, warm: Path, tmp_path: Path) -> None:
    """Japanese names, blanks, a long path, standard input closed, answers into pipes and files."""
    folder = tmp_path.joinpath("正常 画像", *["とても長いフォルダー名" * 2] * 5)
    pictures.write_parts(folder, 6)
    assert len(str(folder)) > 150
    words: tuple[object, ...] = ("fit", JAPANESE, folder, *SMALL, "--json")
    ran = process(*words, stdin=subprocess.DEVNULL)
    assert ran.returncode == 0, ran.stderr.decode()
    assert json.loads(ran.stdout)["profile"] == JAPANESE
    assert b"\r" not in ran.stderr, "no bar where there is no terminal"
    assert b"Reading normal images" in ran.stderr

    odd = tmp_path / "odd name.png"
    odd.write_bytes(b"x")
    deep = tmp_path.joinpath(*["d" * 60] * 5)
    pictures.write_parts(deep, 1, first=50)
    assert len(str(deep / "1.png")) > 300
    answer = tmp_path / "answer.json"
    with answer.open("wb") as file:
        ran = process("--lang", "ja", "score", JAPANESE, deep, odd, "--json", stdout=file,
                      stderr=subprocess.PIPE)  # fmt: skip
    assert ran.returncode == 2
    images = json.loads(answer.read_text(encoding="utf-8"))["images"]
    assert [i["verdict"] for i in images] == ["OK", "ERROR"]
    assert "読み込める画像ではありません" in images[1]["error"]


@pytest.mark.parametrize("encoding", ["cp932", "ascii", "cp437"])
def test_old_consoles(process: Process, home: Path, encoding: str) -> None:
    """Every sentence comes out in some way, and JSON stays JSON."""
    env = {"PYTHONIOENCODING": encoding}
    ran = process("score", "none", home, "--lang", "ja", "--json", env=env)
    assert ran.returncode == 2
    told = json.loads(ran.stdout.decode(encoding))["error"]
    assert told.startswith("「none」という品種プロファイルはありません")
    if encoding == "cp932":
        assert told in ran.stderr.decode(encoding)
    else:
        assert "none" in ran.stderr.decode(encoding)
    ran = process("score", "none", home, env=env)
    quote = "“" if encoding == "cp932" else '"'
    assert f"There is no profile {quote}none" in ran.stderr.decode(encoding)


@posix
def test_streams_that_are_not_there(home: Path) -> None:
    """Closed by whoever started the program: nothing to say, and the exit code still counts."""
    line = " ".join(f"'{word}'" for word in command("profiles", "verify"))
    for closing in ("<&- >&- 2>&-", ">&-", "2>&- | head -1"):
        ran = subprocess.run(
            ["bash", "-o", "pipefail", "-c", f"{line} {closing}"],
            env=environment(home),
            cwd=ROOT,
            capture_output=True,
            check=False,
            timeout=200,
        )
        assert ran.returncode == 0, ran.stderr.decode()
        assert b"Traceback" not in ran.stderr
        assert not list(ROOT.glob("[012]"))


@posix
def test_a_reader_that_has_gone(home: Path) -> None:
    """``deeprx … | head -1``: no complaint from anybody."""
    reader, writer = os.pipe()
    os.close(reader)
    try:
        for words in (["profiles", "show", NAME], ["--help"], ["backbones", "list", "--json"]):
            ran = subprocess.run(
                command(*words),
                env=environment(home),
                cwd=ROOT,
                stdout=writer,
                stderr=subprocess.PIPE,
                check=False,
                timeout=200,
            )
            assert ran.returncode == 2
            assert ran.stderr == b""
    finally:
        os.close(writer)


@posix
def test_a_terminal_gets_a_bar_that_leaves_no_trace(home: Path, parts: Path) -> None:
    master, terminal = os.openpty()
    os.set_blocking(master, False)
    with subprocess.Popen(
        command("score", NAME, parts / "new", "--lang", "ja"),
        env=environment(home),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=terminal,
    ) as running:
        out, _ = running.communicate(timeout=200)
    drawn = os.read(master, 100_000).decode()
    os.close(terminal)
    os.close(master)
    assert running.returncode == 0
    assert "█" in drawn
    assert "判定しています" in drawn
    assert "\x1b" not in drawn, "no control sequences, which old consoles print"
    assert drawn.split("\r")[-1] == "", "the line is empty again at the end"
    assert "█" not in out.decode()
    assert "OK 2" in out.decode()


def _saved(home: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(home)): file.read_bytes()
        for file in sorted((home / "profiles").rglob("*"))
        if file.is_file() and file.name not in {"last_used", ".lock"}
    }


@posix
def test_ctrl_c_in_the_middle_of_learning(home: Path, parts: Path, run: Run) -> None:
    before = _saved(home)
    with subprocess.Popen(
        command("fit", NAME, parts / "good", "--size", "512", "--json", "--lang", "ja"),
        env=environment(home),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stderr is not None
        seen = b""
        while "正常画像を読み込んでいます".encode() not in seen:
            line = running.stderr.readline()
            assert line, seen.decode()
            seen += line
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=200)
    assert running.returncode == 130
    told = json.loads(out)
    assert told["kind"] == "cancelled"
    assert told["error"] == err.decode().splitlines()[-1]
    assert "中止しました" in told["error"]
    assert b"Traceback" not in err
    assert _saved(home) == before, "nothing half-saved"
    assert not any((home / "scratch").iterdir())
    assert run("score", NAME, parts / "new").code == 0


_PLUG = """
import os, sys
from deeprx_gui.cli.main import main
real, seen = os.fsync, 0
def pull(number):
    global seen
    seen += 1
    if seen == int(sys.argv[1]):
        os.kill(os.getpid(), 9)
    return real(number)
os.fsync = pull
main(sys.argv[2:])
"""


@posix
@pytest.mark.parametrize("step", [1, 3])
def test_killed_in_the_middle_of_a_save(home: Path, parts: Path, run: Run, step: int) -> None:
    """Before the revision has its name, and after it has but is not yet the current one."""
    code = subprocess.run(
        [sys.executable, "-c", _PLUG, str(step), "fit", NAME, str(parts / "good"), *SMALL],
        env=environment(home),
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=200,
    ).returncode
    assert code == -signal.SIGKILL
    assert run("profiles", "show", NAME, "--json").json["revision"] == 1
    assert run("profiles", "verify").code == 0
    assert run("score", NAME, parts / "new").code == 0
    assert run("fit", NAME, parts / "good", *SMALL).code == 0, "and it goes on from there"
    assert run("profiles", "verify").code == 0


def test_the_two_programs_are_installed() -> None:
    """The entry points of ``pyproject.toml`` exist under the names the documents use."""
    import tomllib

    project: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"deeprx": "deeprx_gui.__main__:console"}
    assert project["gui-scripts"] == {"deeprx-gui": "deeprx_gui.__main__:window"}
    from deeprx_gui import __main__

    assert callable(__main__.console)
    assert callable(__main__.window)
