"""Which Python does the work: any of the supported ones, found, handed over to, or installed."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

import pytest

import boot_python
import boot_system
import bootstrap
from tests.packaging.conftest import FakeShell

ROOT = Path(__file__).resolve().parents[2]


def test_without_a_python_that_will_do_it_says_where_to_get_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(boot_python, "is_right", lambda: False)
    monkeypatch.setattr(boot_python, "find", lambda _: None)
    monkeypatch.setattr(bootstrap, "_install_python", lambda: False)
    assert bootstrap.main(["test"]) == 2
    said = capsys.readouterr().err
    assert "needs Python 3.11, 3.12 or 3.13" in said
    assert "winget install Python.Python.3.11" in said


@pytest.mark.parametrize(
    ("version", "right"),
    [((3, 10), False), ((3, 11), True), ((3, 12), True), ((3, 13), True), ((3, 14), False)],
)
def test_the_supported_pythons_do_the_work_themselves(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int], right: bool
) -> None:
    monkeypatch.setattr(sys, "version_info", (*version, 1))
    assert boot_python.is_right() is right


def test_another_python_hands_over(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[list[str]] = []

    def hand_over(python: str, arguments: list[str]) -> int:
        handed.append([python, *arguments])
        return 7

    monkeypatch.setattr(boot_python, "is_right", lambda: False)
    monkeypatch.setattr(boot_python, "find", lambda _: "/opt/python3.11")
    monkeypatch.setattr(boot_python, "hand_over", hand_over)
    assert bootstrap.main(["demo", "--headless"]) == 7
    assert handed == [["/opt/python3.11", bootstrap.__file__, "demo", "--headless"]]


@pytest.mark.skipif(sys.platform == "win32", reason="plants a shell script")
def test_a_python_that_does_not_start_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = dict.fromkeys((f"python{version}" for version in boot_python.SUPPORTED), "exit 1")
    for name, body in {**bodies, "python3": f'exec "{sys.executable}" "$@"'}.items():
        shim = tmp_path / name
        shim.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
        shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert boot_python.find(tmp_path / "nothing") == "python3"


@pytest.mark.skipif(sys.platform == "win32", reason="plants shell scripts")
@pytest.mark.parametrize("only", ["3.12", "3.13"])
def test_any_supported_python_is_found_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, only: str
) -> None:
    for name, version in (("python3", "3.14"), (f"python{only}", only)):
        fake = tmp_path / name
        fake.write_text(f"#!/bin/sh\necho {version}\n", encoding="utf-8")
        fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    nothing = tmp_path / "nothing"
    assert boot_python.find(nothing, ("3.12", "3.13")) == f"python{only}"
    assert boot_python.find(nothing, ("3.9",)) is None


@pytest.mark.parametrize(
    ("offered", "installed"),
    [
        ("python3.13 python3.13-venv python3.13-minimal", "python3.13 python3.13-venv"),
        ("python3.12-venv python3.12", "python3.12 python3.12-venv"),
        ("python3.10 python3.10-venv python3.11 python3.11-venv", "python3.11 python3.11-venv"),
        ("python3.14 python3.14-venv python3.11", ""),
    ],
)
def test_as_root_a_python_that_the_distribution_offers_is_installed(
    shell: FakeShell, offered: str, installed: str
) -> None:
    shell.root = True
    shell.answers["apt-cache --version"] = "apt 3.0"
    shell.answers["apt-cache pkgnames"] = offered.replace(" ", "\n")
    assert boot_system.install_python(shell) is bool(installed)
    assert shell.commands[-1].endswith(installed or "apt-get update -q")


def test_the_one_that_runs_comes_first(shell: FakeShell, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may lack only what makes environments: Debian packages that separately."""
    shell.root = True
    shell.answers["apt-cache"] = "python3.11 python3.11-venv python3.13 python3.13-venv"
    monkeypatch.setattr(boot_system, "running", lambda: "3.13")
    assert boot_system.install_python(shell)
    assert shell.commands[-1].endswith(" python3.13 python3.13-venv")


@pytest.mark.parametrize("root", [False, True])
def test_where_apt_may_not_or_does_not_exist_no_python_is_installed(
    shell: FakeShell, root: bool
) -> None:
    shell.root = root
    shell.answers["apt-cache"] = None if root else "python3.11 python3.11-venv"
    assert not boot_system.install_python(shell)
    assert shell.commands == []


def test_the_project_and_the_bootstrap_name_the_same_pythons() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [c.rpartition(" ")[2] for c in project["classifiers"] if "Python ::" in c]
    assert tuple(named) == boot_python.SUPPORTED
    first, last = boot_python.SUPPORTED[0], boot_python.SUPPORTED[-1]
    after = f"3.{int(last.partition('.')[2]) + 1}"
    assert project["requires-python"] == f">={first},<{after}"
