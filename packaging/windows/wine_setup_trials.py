"""Try the setup under Wine: install, run, upgrade, uninstall; for one account and for all.

    wine_setup_trials.py TREE SETUP --out FOLDER      called by build_under_wine.sh,
    which puts the source and packaging/ on Python's path

Exit code 1 when anything is wrong; FOLDER then holds setup-figures.json and pictures of the setup.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boot_shell import tell
from deeprx_gui.paths import FOLDER_NAME, SHARED_MARKER
from door_trials import NEWER, with_schema
from trial import TrialError, run_all
from windows.wine_door import WineDoor
from windows.wine_pages import Pages, first_page, install_by_hand, uninstall_by_hand
from windows.wine_program import Program, Wine
from windows.wine_trials import expect_sound

NAME = "Deep RX Inspector"
_START_MENU = Path("Microsoft/Windows/Start Menu/Programs")
_OPENS = r"HKCU\Software\Classes\DeepRXInspector.Profile\shell\open\command"


@dataclass(frozen=True)
class Bench:
    """What the trials share; ``figures`` is filled by them."""

    wine: Wine
    setup: Path
    out: Path
    figures: dict[str, Any]

    @property
    def own(self) -> Path:
        """Where the setup puts the program for one account."""
        return self.wine.local / "Programs" / NAME

    @property
    def data(self) -> Path:
        """Where the installed program keeps the data of one account."""
        return self.wine.local / FOLDER_NAME


def pages(bench: Bench) -> None:
    """By hand, page by page, in Japanese; the first page in English as well."""
    shutil.rmtree(bench.data, ignore_errors=True)
    english = Pages(bench.wine, bench.out, "1033", "setup-en")
    japanese = Pages(bench.wine, bench.out, "1041", "setup-ja")
    first_page(english, bench.setup)
    first_page(japanese, bench.setup)
    install_by_hand(japanese, bench.setup, bench.own)
    expect(bench.own / "uninstall.exe", there=True)
    expect(bench.data / "logs", there=True)
    uninstall_by_hand(japanese, bench.own)
    _until_gone(bench.own)
    expect(bench.data / "logs", there=True)


def install(bench: Bench) -> None:
    """Silently, for one's own account; the program is then where Windows looks for it."""
    shutil.rmtree(bench.data, ignore_errors=True)
    start = time.monotonic()
    bench.wine.call(bench.setup, "/S")
    bench.figures["install_seconds"] = round(time.monotonic() - start, 1)
    expect(bench.own / "uninstall.exe", there=True)
    expect(bench.own / SHARED_MARKER, there=False)
    roaming = bench.wine.local.parent / "Roaming"
    expect(roaming / _START_MENU / f"{NAME}.lnk", there=True)
    expect(roaming / _START_MENU / "StartUp" / f"{NAME}.lnk", there=False)
    expect(bench.wine.local.parents[1] / "Desktop" / f"{NAME}.lnk", there=True)
    opened_with = bench.wine.call("reg", "query", _OPENS, "/ve").stdout
    if '"%1"' not in opened_with or NAME not in opened_with:
        raise TrialError(f".deeprx is opened with {opened_with!r}")


def run_installed(bench: Bench) -> None:
    """The installed program is sound and keeps its data in the account's own folder."""
    console = bench.own / "deeprx.exe"
    bench.wine.call(console, "demo", "--headless", "--out", bench.data / "demo")
    expect(bench.data / "profiles", there=True)
    said = bench.wine.call(console, "self-test", "--json", "--lang", "en", code=None).stdout
    expect_sound(json.loads(said))


def window_installed(bench: Bench) -> None:
    """The installed window, without any option: its data lies in the account's own folder."""
    door = WineDoor(bench.wine, bench.own, bench.data, bench.out)
    with door.opened(bench.data, bench.own / "DeepRX Inspector.exe") as opened:
        bench.figures["installed_window_seconds"] = opened.wait_until_shown()
        opened.photograph("installed")


def _double_click(bench: Bench, folder: Path, data: Path) -> None:
    """A profile of a newer program is opened as the Explorer does: the window says its piece.

    Where the setup was for all accounts: Wine does not look for file types of one account.
    """
    file = bench.wine.drive_c / "新しい版の 品種.deeprx"
    file.write_bytes(with_schema(NEWER))
    door = WineDoor(bench.wine, folder, data, bench.out)
    with door.opened(data, "start", "/wait", file) as opened:
        opened.wait_until_shown()
        opened.wait_until_said("newer program")
        opened.photograph("double-click")


def portable(bench: Bench) -> None:
    """The zip, unpacked anywhere, runs as it is."""
    (file,) = bench.setup.parent.glob("*-portable.zip")
    folder = bench.wine.drive_c / "持ち運び 用"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.unpack_archive(file, folder)
    program = Program(bench.wine, folder / "DeepRX Inspector", folder / "data")
    expect_sound(program.answer("self-test"))
    program.console("demo", "--headless", "--out", folder / "demo")
    door = WineDoor(bench.wine, program.folder, program.data, bench.out)
    with door.window(program.data) as opened:
        opened.wait_until_shown()
        opened.photograph("portable")
    shutil.rmtree(folder)


def upgrade(bench: Bench) -> None:
    """Installed once more: a file of an older program goes, data and choices stay."""
    stale = bench.own / "_internal" / "openvino" / "libs" / "of-an-older-program.dll"
    stale.write_bytes(b"MZ")
    before = _files(bench.data)
    bench.wine.call(bench.setup, "/S", "/DESKTOP=0", "/AUTOSTART=1")
    expect(stale, there=False)
    if _files(bench.data) != before:
        raise TrialError("the upgrade changed the data")
    listed = Program(bench.wine, bench.own, bench.data).answer("profiles", "list")
    if not listed["profiles"]:
        raise TrialError("the profile is gone after the upgrade")
    _expect_entries(bench, desktop=False, autostart=True)
    bench.wine.call(bench.setup, "/S")  # what was chosen before stays
    _expect_entries(bench, desktop=False, autostart=True)


def _expect_entries(bench: Bench, *, desktop: bool, autostart: bool) -> None:
    roaming = bench.wine.local.parent / "Roaming"
    expect(roaming / _START_MENU / "StartUp" / f"{NAME}.lnk", there=autostart)
    expect(bench.wine.local.parents[1] / "Desktop" / f"{NAME}.lnk", there=desktop)


def running(bench: Bench) -> None:
    """A program that runs is not overwritten: the setup says so and gives up."""
    with bench.wine.running(bench.own / "deeprx.exe", "self-test"):
        time.sleep(3)
        bench.wine.call(bench.setup, "/S", code=2)
    expect(bench.own / "_internal" / "openvino", there=True)


def foreign_folder(bench: Bench) -> None:
    """A folder with somebody else's files is refused and left alone."""
    folder = bench.wine.drive_c / "other"
    folder.mkdir(exist_ok=True)
    (folder / "letter.txt").write_text("mine", encoding="utf-8")
    bench.wine.call(bench.setup, "/S", r"/D=C:\other", code=2)
    if [p.name for p in folder.iterdir()] != ["letter.txt"]:
        raise TrialError("the setup wrote into a folder with other files")


def uninstall(bench: Bench) -> None:
    """The program goes, the data stays."""
    before = _files(bench.data)
    _uninstall(bench, bench.own)
    if _files(bench.data) != before or not before:
        raise TrialError("the data did not stay")
    roaming = bench.wine.local.parent / "Roaming"
    expect(roaming / _START_MENU / f"{NAME}.lnk", there=False)
    expect(roaming / _START_MENU / "StartUp" / f"{NAME}.lnk", there=False)
    left = bench.wine.call("reg", "query", _OPENS, "/ve", code=None)
    if left.returncode == 0:
        raise TrialError(".deeprx is still opened by the program that is gone")


def for_all(bench: Bench) -> None:
    """For all accounts: Program Files, shared data, the marker that says so."""
    bench.wine.call(bench.setup, "/S", "/AllUsers")
    folder = bench.wine.drive_c / "Program Files" / NAME
    shared = bench.wine.drive_c / "ProgramData" / FOLDER_NAME
    expect(folder / SHARED_MARKER, there=True)
    expect(shared, there=True)
    said = bench.wine.call(folder / "deeprx.exe", "self-test", "--json", "--lang", "en", code=None)
    expect_sound(json.loads(said.stdout))
    bench.wine.call(folder / "deeprx.exe", "demo", "--headless", "--out", shared / "demo")
    expect(shared / "profiles", there=True)
    _double_click(bench, folder, shared)
    _uninstall(bench, folder)
    expect(shared / "profiles", there=True)


def delete_data(bench: Bench) -> None:
    """Only when asked for, the data goes as well."""
    bench.wine.call(bench.setup, "/S")
    _uninstall(bench, bench.own, "/DELETEDATA=1")
    expect(bench.data, there=False)


def _uninstall(bench: Bench, folder: Path, *words: str) -> None:
    bench.wine.call(folder / "uninstall.exe", "/S", *words)
    _until_gone(folder)


def _until_gone(folder: Path) -> None:
    end = time.monotonic() + 60  # the uninstaller goes on as a copy of itself in %TEMP%
    while folder.exists() and time.monotonic() < end:
        time.sleep(0.2)
    expect(folder, there=False)
    time.sleep(1)


def _files(folder: Path) -> dict[str, int]:
    kept = (p for p in sorted(folder.rglob("*")) if p.is_file() and "logs" not in p.parts)
    return {p.relative_to(folder).as_posix(): p.stat().st_size for p in kept}


def expect(file: Path, *, there: bool) -> None:
    """Raise TrialError unless a file is there, or is not."""
    if file.exists() != there:
        raise TrialError(f"{file} is {'missing' if there else 'there'}")


Trial = Callable[[Bench], None]
TRIALS: tuple[Trial, ...] = (
    pages,
    portable,
    install,
    run_installed,
    window_installed,
    running,
    upgrade,
    foreign_folder,
    uninstall,
    for_all,
    delete_data,
)


def main(words: list[str] | None = None) -> int:
    """Run every trial; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tree", type=Path)
    parser.add_argument("setup", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", choices=[t.__name__ for t in TRIALS], action="append")
    args = parser.parse_args(words)
    args.out.mkdir(parents=True, exist_ok=True)
    bench = Bench(Wine(args.tree), args.setup, args.out, {})
    bench.figures["setup_megabytes"] = round(args.setup.stat().st_size / 1e6)
    chosen = [t for t in TRIALS if not args.only or t.__name__ in args.only]
    failed = run_all(chosen, bench)
    text = json.dumps(bench.figures, indent=1)
    (args.out / "setup-figures.json").write_text(text, encoding="utf-8")
    tell(text)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
