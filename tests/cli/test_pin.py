"""A PIN guards the products on the command line, too: asked for, logged, and never an argument."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest

from deeprx_gui import access
from deeprx_gui.access import PinAccess
from deeprx_gui.cli.commands import COMMANDS
from deeprx_gui.cli.engineer import PIN_VARIABLE, AccessError, EngineerGuard
from deeprx_gui.cli.verb import Work
from deeprx_gui.locks import try_hold
from deeprx_gui.paths import Paths
from deeprx_gui.profiles.store import ProfileStore
from tests.cli.conftest import NAME, ROOT, Run, command, environment

PIN = "4711"
ENGINEERS = {
    "demo",
    "fit",
    "correct",
    "profiles rollback",
    "profiles import",
    "backbones import",
    "backbones fetch",
    "samples add",
    "samples remove",
    "samples release",
    "shadow start",
    "shadow stop",
    "shadow promote",
    "shadow drop",
    "library publish",
    "library release",
    "library withdraw",
    "library rollout",
    "library rollback",
    "library follow",
    "library key",
    "backbones export",
    "central init",
    "central migrate",
    "central prune",
    "central station",
    "central connect",
    "central disconnect",
    "central prune-here",
    "central new-id",
    "opcua accept",
    "opcua refuse",
    "opcua add",
    "opcua password",
    "opcua remove",
    "opcua renew",
    "opcua forget",
}


@pytest.fixture(autouse=True)
def _quick_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access, "_N", 2)


@pytest.fixture
def guarded(home: Path) -> Path:
    """The data folder with the profile NAME in it, and a PIN."""
    PinAccess(home / "access.json").set_pin(PIN, who="Sato")
    return home


@pytest.fixture
def open_window(guarded: Path) -> Iterator[None]:
    """As if the window of this data folder were open, perhaps another account's."""
    held = try_hold(guarded / "window.lock")
    assert held is not None
    with closing(held):
        yield


def log(data: Path) -> list[dict[str, object]]:
    lines = (data / "access-log.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def changing(data: Path) -> list[tuple[object, ...]]:
    """One line for every command that is the engineer's."""
    exported = data.parent / "exported.deeprx"
    ProfileStore(data / "profiles").export(NAME, exported)
    return [
        ("demo", "--headless"),
        ("fit", NAME, data),
        ("profiles", "rollback", NAME, 1),
        ("profiles", "import", exported, "--as-new"),
        ("backbones", "import", "resnet18.pth"),
        ("backbones", "fetch", "resnet18"),
        ("correct", NAME, "--apply"),
        ("samples", "add", NAME, data / "limit.png", "--expect", "NG"),
        ("samples", "remove", NAME, 1),
        ("samples", "release", NAME, "--why", "agreed"),
        ("shadow", "start", NAME, 1),
        *(("shadow", verb, NAME) for verb in ("stop", "promote", "drop")),
        ("backbones", "export", "resnet18", data / "resnet18.onnx"),
        *(("central", verb) for verb in ("init", "migrate", "disconnect", "new-id")),
        *(("central", verb, "--keep-months", 3) for verb in ("prune", "prune-here")),
        ("central", "station", "list"),
        ("central", "connect", "127.0.0.1"),
        ("library", "publish", NAME),
        ("library", "follow", "auto"),
        *(("library", verb, NAME, "r0001", "--why", "x") for verb in ("release", "withdraw")),
        ("library", "rollout", NAME, "r0001"),
        ("library", "rollback", NAME, "--why", "x"),
        ("library", "key", "new"),
        *(("opcua", verb, "3f9a04c1") for verb in ("accept", "refuse", "forget")),
        ("opcua", "add", data / "client.der"),
        *(("opcua", verb, "plc") for verb in ("password", "remove")),
        ("opcua", "renew"),
    ]


def test_every_command_says_whose_work_it_is() -> None:
    found: dict[str, Work] = {}
    for name, entry in COMMANDS.items():
        if entry.work is Work.BY_VERB:
            verbs = import_module(entry.module).VERBS
            found |= {f"{name} {verb}": line.work for verb, line in verbs.items()}
        else:
            found[name] = entry.work
    assert {name for name, work in found.items() if work is Work.ENGINEERS} == ENGINEERS
    assert set(found.values()) == {Work.ENGINEERS, Work.ANYBODYS}


def test_nothing_is_changed_without_the_pin(guarded: Path, run: Run) -> None:
    lines = changing(guarded)
    assert {" ".join(map(str, line[:2])).removesuffix(" --headless") for line in lines} >= {
        name for name in ENGINEERS if " " in name
    }
    before = log(guarded)
    for line in lines:
        as_json = () if line[0] == "demo" else ("--json",)  # which has no such option
        ran = run(*line, *as_json)
        assert ran.code == 2, line
        assert not as_json or ran.json["kind"] == "access", line
        assert PIN_VARIABLE in ran.err
        assert "Nothing was changed" in ran.err
    assert len(ProfileStore(guarded / "profiles").list()) == 1
    assert log(guarded) == before


def test_the_pin_in_the_environment_lets_it_through_and_every_change_is_logged(
    guarded: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = changing(guarded)[3]
    monkeypatch.setenv(PIN_VARIABLE, PIN)
    assert run(*line).code == 0
    assert PIN_VARIABLE not in os.environ, "the programs we start do not see it"
    entries = [(e["what"], e.get("command"), e.get("product")) for e in log(guarded)[1:]]
    assert entries == [
        ("granted", "profiles import", None),
        ("product imported", None, f"{NAME} (2)"),
    ]


def test_wrong_pins_are_counted_over_several_starts_then_it_is_locked(
    guarded: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = changing(guarded)[2]
    for left in (4, 3, 2):
        monkeypatch.setenv(PIN_VARIABLE, "0000")
        assert f"{left} more tries" in run(*line).err
    for said in ("One more try", "Too many wrong tries"):
        monkeypatch.setenv(PIN_VARIABLE, "0000")
        assert said in run(*line).err
    monkeypatch.setenv(PIN_VARIABLE, PIN)
    ran = run(*line)
    assert ran.code == 2
    assert "Too many wrong tries" in ran.err, "not even the right one"


def test_looking_and_inspecting_need_no_pin(guarded: Path, run: Run, parts: Path) -> None:
    for line in (
        ("profiles", "list"),
        ("profiles", "show", NAME),
        ("profiles", "verify"),
        ("history", "list"),
        ("backbones", "list"),
        ("score", NAME, parts / "new"),
        ("inspect", NAME, "--source", f"replay:{parts / 'new'}", "--count", 1),
        ("history", "decide", 1, "ok"),
    ):
        assert run(*line).code in {0, 1}, line


@pytest.mark.usefixtures("open_window")
def test_while_the_window_is_open_products_are_changed_only_there(
    guarded: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PIN_VARIABLE, PIN)
    ran = run("profiles", "rollback", NAME, 1)
    assert ran.code == 2
    assert "window of Deep RX Inspector is open" in ran.err
    assert run("profiles", "list").code == 0
    (guarded / "access.json").unlink()
    assert run("profiles", "rollback", NAME, 1).code == 0, "without a PIN everybody may"


def test_a_window_opened_while_a_command_learns_stops_its_saving(
    guarded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PIN_VARIABLE, PIN)
    guard = EngineerGuard(Paths(guarded), "Sato")
    guard.admit("fit")
    store = ProfileStore(guarded / "profiles", guard)
    profile = store.load(NAME)
    assert store.save(profile).revision == 2
    held = try_hold(guarded / "window.lock")
    assert held is not None
    with closing(held), pytest.raises(AccessError, match="window"):
        store.save(profile)


def test_a_command_that_was_not_let_in_cannot_change_anything(guarded: Path) -> None:
    store = ProfileStore(guarded / "profiles", EngineerGuard(Paths(guarded), "x"))
    profile = store.load(NAME)
    for change in (
        lambda: store.save(profile),
        lambda: store.rename(NAME, "other", who="x"),
        lambda: store.duplicate(NAME, "other", who="x"),
        lambda: store.delete(NAME, who="x"),
        lambda: store.empty_bin((), who="x"),
        lambda: store.rollback(NAME, 1, who="x", why=""),
    ):
        with pytest.raises(AccessError):
            change()


def test_a_damaged_pin_file_lets_nobody_in_and_deleting_it_everybody(
    guarded: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (guarded / "access.json").write_bytes(b"{}")
    monkeypatch.setenv(PIN_VARIABLE, PIN)
    ran = run("profiles", "rollback", NAME, 1)
    assert ran.code == 2
    assert "delete" in ran.err
    (guarded / "access.json").unlink()  # what docs/access.md promises
    assert run("profiles", "rollback", NAME, 1).code == 0
    assert log(guarded)[-1]["what"] == "pin file gone"


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_on_a_terminal_it_is_asked_for_and_not_shown(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pty

    monkeypatch.setattr(access, "_N", 2**14)  # as the program of its own does
    PinAccess(home / "access.json").set_pin(PIN, who="Sato")
    main, terminal = pty.openpty()
    with subprocess.Popen(
        command("profiles", "rollback", NAME, 1),
        env=environment(home),
        cwd=ROOT,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        shown = b""
        for pin in (b"0000", PIN.encode()):
            while not shown.endswith(b"PIN of the engineer: "):
                shown += os.read(main, 1000)
            os.write(main, pin + b"\n")
            shown += os.read(main, 1000)
        try:
            while more := os.read(main, 1000):
                shown += more
        except OSError:
            pass  # the terminal has no program any more
        assert process.wait(60) == 0, shown
    os.close(main)
    assert b"4 more tries" in shown
    assert PIN.encode() not in shown
    assert b"now uses revision" in shown
