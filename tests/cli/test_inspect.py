"""``deeprx inspect``: a shift without a window, as a person and a script see it."""

from __future__ import annotations

import importlib.util
import json
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from deeprx_gui.domain.history import RecordQuery
from deeprx_gui.domain.source import SourceSpec
from deeprx_gui.domain.station import Station
from deeprx_gui.results.records.store import RecordStore
from deeprx_gui.station import save
from tests.cli import pictures
from tests.cli.conftest import NAME, ROOT, Run, command, environment, lock
from tests.cli.test_process import posix


@pytest.fixture
def line(parts: Path, tmp_path: Path) -> Path:
    """Two good parts and a bad one, in this order."""
    folder = tmp_path / "ライン 1"
    folder.mkdir()
    for number, file in enumerate([*sorted((parts / "new").iterdir()), parts / "bad" / "1.png"]):
        shutil.copy(file, folder / f"{number}.png")
    return folder


def _lines(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]


def _stored(home: Path) -> list[Any]:
    with closing(RecordStore(home / "results")) as store:
        return list(store.rows(RecordQuery()))


def test_every_verdict_is_a_line_of_json_and_in_the_store(home: Path, line: Path, run: Run) -> None:
    ran = run("inspect", NAME, "--source", f"folder:{line}", "--jsonl")
    assert ran.code == 1, ran.err
    told = _lines(ran.out)
    assert [t["verdict"] for t in told] == ["OK", "OK", "NG"]
    stored = _stored(home)
    assert [(r.uid, r.number, r.score) for r in stored] == [
        (t["uid"], t["number"], t["score"]) for t in told
    ]
    bad = told[2]
    assert bad["times"] > 1
    assert bad["error"] is None
    assert (home / "results" / bad["picture"]).is_file(), "the picture of an NG is kept"
    assert told[0]["picture"] == ""
    assert {(r.station, r.station_id) for r in stored} == {
        (t["station"], t["station_id"]) for t in told
    }
    assert all(t["station_id"] == (home / "station-id.txt").read_text().strip() for t in told)
    assert "OK 2" in ran.err
    assert "NG 1" in ran.err


def test_the_station_is_named_and_its_id_stays(home: Path, line: Path, run: Run) -> None:
    words = ("inspect", NAME, "--source", f"folder:{line}", "--jsonl", "--count", "1")
    named = _lines(run(*words, "--station", "ライン 3").out)[0]
    again = _lines(run(*words).out)[0]
    assert named["station"] == "ライン 3"
    assert again["station"] not in {"", "ライン 3"}, "the PC's own name, where none is set"
    assert named["station_id"] == again["station_id"]
    assert " · " in named["method"]
    assert named["operator"] == again["operator"] != ""


def test_words_for_people_and_one_object_for_scripts(home: Path, line: Path, run: Run) -> None:
    ran = run("inspect", NAME, "--source", f"folder:{line}", "--lang", "en")
    assert ran.code == 1
    assert len(ran.out.splitlines()) == 5
    assert "OK 2  REVIEW 0  NG 1  ERROR 0" in ran.out
    ran = run("inspect", NAME, "--source", f"folder:{line}", "--json")
    assert ran.json["counts"] == {"OK": 2, "REVIEW": 0, "NG": 1, "ERROR": 0}
    assert ran.json["parts"] == 3
    assert ran.json["cycle_ms"]["p50"] > 0


def test_exit_codes_follow_the_worst_verdict(home: Path, line: Path, run: Run) -> None:
    good = ("inspect", NAME, "--source", f"replay:{line}?fps=0&lossy=0", "--count", "2")
    assert run(*good).code == 0
    (line / "1.png").write_bytes(b"no picture")
    ran = run(*good, "--jsonl")
    assert ran.code == 2
    assert [t["verdict"] for t in _lines(ran.out)] == ["OK", "ERROR"]
    assert "1.png" in str(_lines(ran.out)[1]["error"])


def test_it_ends_after_so_many_seconds(home: Path, line: Path, run: Run) -> None:
    ran = run("inspect", NAME, "--source", f"replay:{line}?fps=20", "--seconds", "0.4", "--json")
    assert ran.code in {0, 1}, ran.err
    assert 1 <= ran.json["parts"] <= 20


def test_what_cannot_be_is_refused_in_words(home: Path, tmp_path: Path, run: Run) -> None:
    for words, said in (
        ((), "No source of pictures is chosen"),
        (("--source", "magic:1"), "kind of source"),
        (("--source", f"folder:{tmp_path / 'none'}"), "none"),
        (("--source", "camera:0", "--keep", "some"), "every:100"),
        (("--source", "camera:0", "--keep", "all:3"), "every:100"),
        (("--source", "camera:0", "--output", "pigeon:1"), "not an output"),
        (("--source", "camera:0", "--trigger", "wish"), "wish"),
        (("--source", "camera:0", "--change", "2"), "--change"),
    ):
        ran = run("inspect", NAME, *words)
        assert ran.code == 2, words
        assert said in ran.err, words
        assert "Traceback" not in ran.err


def test_what_is_not_given_comes_from_the_inspect_page(home: Path, line: Path, run: Run) -> None:
    spec = SourceSpec("folder", str(line))
    save(Station(source=spec, confirm_ng=True), home / "station.json")
    ran = run("inspect", NAME, "--json")
    assert ran.json["parts"] == 3, "and nobody is asked, for nobody sits there"


def test_another_program_records_already(home: Path, line: Path, run: Run) -> None:
    with closing(RecordStore(home / "results")):
        ran = run("inspect", NAME, "--source", f"folder:{line}", "--jsonl")
    assert ran.code == 2
    assert ran.out == ""
    assert _stored(home) == []


def test_verdicts_are_told_to_others(home: Path, line: Path, run: Run, tmp_path: Path) -> None:
    ran = run(
        "inspect", NAME, "--source", f"folder:{line}", "--output", f"files:{tmp_path / 'mes'}",
        "--jsonl",
    )  # fmt: skip
    assert ran.code == 1
    told = [json.loads(f.read_text("utf-8")) for f in sorted((tmp_path / "mes").rglob("*.json"))]
    assert {t["uid"] for t in told} == {t["uid"] for t in _lines(ran.out)}


def test_a_watched_folder_is_judged_once_however_often_it_is_started(
    home: Path, line: Path, run: Run
) -> None:
    words = ("inspect", NAME, "--source", f"watch:{line}", "--seconds", "1.5", "--json")
    assert run(*words).json["parts"] == 3
    assert run(*words).json["parts"] == 0
    assert len(_stored(home)) == 3


def test_a_watch_whose_folder_is_away_ends_with_2(home: Path, tmp_path: Path, run: Run) -> None:
    away = f"watch:{tmp_path / 'away'}"
    ran = run("inspect", NAME, "--source", away, "--seconds", "1", "--json")
    assert ran.code == 2
    assert ran.json["parts"] == 0
    assert "cannot be reached" in ran.err


def test_what_a_watch_leaves_out_is_told_and_counted(home: Path, line: Path, run: Run) -> None:
    (line / "1.pgm").touch()
    try:
        (line / "loop.png").symlink_to("loop.png")
    except OSError:
        pytest.skip("this account may not make links")
    ran = run("inspect", NAME, "--source", f"watch:{line}", "--seconds", "2", "--json")
    assert ran.json["parts"] > 0
    assert {item["reason"]: item["count"] for item in ran.json["left_out"]} == {
        "link_loop": 1,
        "suffix": 1,
    }
    assert ran.json["overwritten"] == 0
    assert ran.err.count("leads to itself: loop.png") == 1


def test_a_folder_goes_on_without_what_cannot_be_opened_and_ends_with_2(
    home: Path, line: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (line / "2.png").unlink()  # the bad one
    (line / "1.pgm").touch()
    words = ("inspect", NAME, "--source", f"folder:{line}", "--json")
    ran = run(*words)
    assert (ran.code, ran.json["parts"]) == (0, 2)
    assert [item["reason"] for item in ran.json["left_out"]] == ["suffix"]
    (line / "locked").mkdir()
    lock(monkeypatch, line / "locked")
    ran = run(*words)
    assert (ran.code, ran.json["parts"]) == (2, 2)
    assert [item["reason"] for item in ran.json["left_out"]] == ["unreachable", "suffix"]
    assert ran.err.count("cannot be opened: locked. Check whether it is there") == 1


@posix
def test_a_line_on_standard_input_is_a_press(home: Path, line: Path) -> None:
    ran = subprocess.run(
        command("inspect", NAME, "--source", f"replay:{line}?fps=50", "--trigger", "key",
                "--count", "2", "--jsonl"),
        env=environment(home), cwd=ROOT, input="SN-1\n部品 2\n".encode(), capture_output=True,
        timeout=200, check=False,
    )  # fmt: skip
    assert [t["serial"] for t in _lines(ran.stdout.decode())] == ["SN-1", "部品 2"]


@posix
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_in_good_order(home: Path, line: Path, kind: signal.Signals) -> None:
    with subprocess.Popen(
        command("inspect", NAME, "--source", f"replay:{line}?fps=50", "--jsonl"),
        env=environment(home), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
    ) as running:  # fmt: skip
        assert running.stdout is not None
        first = running.stdout.readline()
        running.send_signal(kind)
        out, err = running.communicate(timeout=200)
    assert running.returncode in {0, 1}, err.decode()
    assert b"Traceback" not in err
    assert "OK" in err.decode(), "the summary"
    shown = _lines((first + out).decode())
    assert [r.uid for r in _stored(home)] == [t["uid"] for t in shown]


def test_a_plc_triggers_over_the_network(home: Path, line: Path, run: Run) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    answers: list[bytes] = []
    over = threading.Event()

    def plc() -> None:
        while not over.is_set():
            try:
                with socket.create_connection(("127.0.0.1", port), timeout=5) as plug:
                    plug.sendall(b"TRIGGER SN-9\r\n")
                    plug.settimeout(10)
                    while not over.is_set() and (got := plug.recv(4096)):
                        answers.append(got)
                        if b"SN-9" in b"".join(answers):
                            return
                        if b"NAK" in got:  # pressed before the run was there
                            plug.sendall(b"TRIGGER SN-9\r\n")
                    return
            except OSError:
                over.wait(0.05)

    thread = threading.Thread(target=plc)
    thread.start()
    try:
        ran = run(
            "inspect", NAME, "--source", f"replay:{line}?fps=50", "--trigger", "key", "--count",
            "1", "--seconds", "20", "--output", f"tcp:127.0.0.1:{port}", "--jsonl",
        )  # fmt: skip
    finally:
        over.set()
        thread.join()
    assert [t["serial"] for t in _lines(ran.out)] == ["SN-9"]


def _benchmark(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "benchmarks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def test_killed_at_any_instant_nothing_shown_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three of the kills of ``benchmarks/kill.py``, which does two hundred."""
    kill = _benchmark("kill")
    kill.prepare(tmp_path, None)
    shown = kill.Shown()
    for seconds, early in ((0.0, False), (0.05, False), (0.4, True)):
        kill.run_and_kill(tmp_path, seconds, early=early, shown=shown)
    assert kill.check(tmp_path, shown) == []
    assert len(shown.verdicts) >= 2, "one at least of each run that was not killed early"
    assert shown.complaints == []
    pictures.write_parts(tmp_path / "after", 1)
    capsys.readouterr()


def test_a_short_soak_loses_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    soak = _benchmark("soak")
    profile, line = soak.prepare(tmp_path, "rx", 64)
    seen = soak.soak(tmp_path, profile, line, 120, soak.Keep.BAD)
    told = soak.figures(seen, 120)
    assert told["lost"] == 0
    assert told["out_of_order"] == 0
    capsys.readouterr()


@pytest.fixture
def port_of_the_line() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def talking_to(port: int) -> Iterator[socket.socket]:
    """Connect as soon as somebody listens."""
    end = time.monotonic() + 60
    wire: socket.socket | None = None
    while wire is None:
        assert time.monotonic() < end, "nobody listens"
        try:
            wire = socket.create_connection(("127.0.0.1", port), timeout=200)
        except OSError:
            time.sleep(0.02)
    with wire:
        yield wire


def test_a_dead_receiver_is_said_when_it_happens_and_at_the_end(
    home: Path, line: Path, run: Run
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        dead = f"http:http://127.0.0.1:{free.getsockname()[1]}/verdicts"
    ran = run("inspect", NAME, "--source", f"folder:{line}", "--output", dead, "--json")
    assert ran.json["untold"] == 3
    assert ran.json["refused_triggers"] == ran.json["missed_triggers"] == 0
    assert ran.json["pictures_not_kept"] == ran.json["store_replaced"] == 0
    assert "127.0.0.1" in ran.err
    spoken = run("inspect", NAME, "--source", f"replay:{line}?loop=0&fps=0&lossy=0",
                 "--output", dead)  # fmt: skip
    assert "3 verdicts were not told to a receiver" in spoken.err


def test_a_trigger_without_a_picture_is_told_as_what_it_is(
    home: Path, line: Path, run: Run, port_of_the_line: int
) -> None:
    """The watched folder stays empty: the serial gets an ERROR, not the next picture."""
    empty = line.parent / "empty"
    empty.mkdir()
    answers: list[str] = []

    def plc() -> None:
        with talking_to(port_of_the_line) as wire:
            file = wire.makefile("rb")
            while not answers or answers[-1].startswith("NAK TRIGGER"):
                wire.sendall(b"TRIGGER SN-1\r")
                answers.append(file.readline().decode())
            answers.append(file.readline().decode())
            wire.sendall(b"PRODUCT Kettle\rSTATUS\r")
            answers.extend(file.readline().decode() for _ in range(2))

    thread = threading.Thread(target=plc)
    thread.start()
    ran = run(
        "inspect", NAME, "--source", f"watch:{empty}", "--trigger", "key", "--answer-within", "0.2",
        "--seconds", "6", "--output", f"tcp:127.0.0.1:{port_of_the_line}", "--json",
    )  # fmt: skip
    thread.join()
    accepted, verdict, product, status = answers[-4:]
    assert accepted == "ACK TRIGGER\n"
    assert json.loads(verdict)["verdict"] == "ERROR"
    assert json.loads(verdict)["serial"] == "SN-1"
    assert "No picture" in json.loads(verdict)["error"]
    assert "judges" in product
    assert product.startswith("NAK PRODUCT")
    assert "missed=1" in status
    assert ran.json["missed_triggers"] == 1
    assert ran.code == 2
    assert [r.serial for r in _stored(home)] == ["SN-1"]
