"""What names and serial numbers hold never acts on a terminal, a report or a table."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from deeprx_gui.domain.verdict import Verdict
from deeprx_gui.domain.visible_text import one_line, visible
from deeprx_gui.profiles.store import ProfileStore
from deeprx_gui.results.records.store import RecordStore
from tests.cli.conftest import NAME, Run
from tests.results.records.conftest import record
from tests.results.test_xlsx import read

EVIL = "A\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnp.exe\u2066\r\nOK 99\x7f"
FORBIDDEN = "\x1b\x07\x9b\u202e\u2066\r\x7f"


def unsafe(text: str) -> list[str]:
    return sorted(set(text) & set(FORBIDDEN))


@pytest.fixture
def judged(data_dir: Path) -> Path:
    """One NG part whose serial number, file, source, product and note are hostile."""
    store = RecordStore(data_dir / "results")
    part = record(1, Verdict.NG, serial=EVIL, source=EVIL, profile=EVIL, item=f"{EVIL}|1|2")
    store.add(replace(part, station=EVIL, operator=EVIL))
    store.add(record(2, Verdict.OK, serial="00123", profile=EVIL))
    store.decide(1, None, who=EVIL, note=EVIL)
    store.close()
    return data_dir


def test_visible_text_is_json_too() -> None:
    assert json.loads(f'"{one_line(EVIL)}"') == EVIL
    assert visible("a\tb\nc") == "a\tb\nc"
    assert one_line("部品 é 👍") == "部品 é 👍"


def test_the_history_lists_it_harmlessly_and_json_keeps_it(judged: Path, run: Run) -> None:
    for words in (("list",), ("list", "--json"), ("verify",), ("decide", 1, "ok", "--note", EVIL)):
        ran = run("history", *words)
        assert ran.code == 0
        assert not unsafe(ran.out + ran.err), words
    listed = run("history", "list").out.splitlines()
    assert len(listed) == 3, "a serial number adds no line"
    verdicts = run("history", "list", "--json").json["verdicts"]
    assert verdicts[1]["serial"] == EVIL


def test_report_and_tables_hold_none_of_it(judged: Path, run: Run, tmp_path: Path) -> None:
    assert run("history", "report", tmp_path / "r.html").code == 0
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert not unsafe(page)
    assert "\\u001b]0;owned" in page
    assert run("history", "export", tmp_path / "t.csv").code == 0
    text = (tmp_path / "t.csv").read_bytes().decode("utf-8-sig")
    assert not unsafe(text.replace("\r\n", "\n"))
    assert len(text.splitlines()) == 3
    assert run("history", "export", tmp_path / "t.xlsx").code == 0
    heading, first, second = read(tmp_path / "t.xlsx")
    serial = heading.index("Serial number")
    assert (first[serial], second[serial]) == (one_line(EVIL), "00123")
    assert first[heading.index("Number")] == 1.0


def test_a_name_that_does_not_exist_is_told_harmlessly(run: Run, home: Path) -> None:
    for words in (
        ("score", EVIL, "x"),
        ("profiles", "show", EVIL),
        ("fit", EVIL, "x"),
        ("history", "list", "--profile", EVIL),
        ("history", "list", "--since", EVIL),
        (EVIL,),
        ("score", f"--{EVIL}"),
        ("inspect", NAME, "--source", f"replay:{EVIL}"),
    ):
        ran = run(*words)
        assert ran.code == 2
        assert not unsafe(ran.out + ran.err), words


@pytest.mark.skipif(os.name != "posix", reason="such file names exist on POSIX only")
def test_file_names_on_a_terminal(
    home: Path, parts: Path, tmp_path: Path, process: Callable[..., CompletedProcess[bytes]]
) -> None:
    folder = tmp_path / EVIL.replace("/", "")
    folder.mkdir()
    (folder / f"{EVIL}.png").write_bytes(next((parts / "new").iterdir()).read_bytes())
    (folder / f"bad{EVIL}.png").write_bytes(b"no picture")
    ran = process("score", NAME, folder, "--verbose")
    told = (ran.stdout + ran.stderr).decode()
    assert not unsafe(told)
    assert "\\u001b]0;owned" in told


def test_reasons_and_names_in_the_history_of_a_profile(home: Path, run: Run) -> None:
    store = ProfileStore(home / "profiles")
    profile = store.load(NAME)
    store.save(replace(profile, origin=replace(profile.origin, who=EVIL, why=EVIL)))
    for verb in ("history", "show"):
        ran = run("profiles", verb, NAME)
        assert ran.code == 0
        assert not unsafe(ran.out)
