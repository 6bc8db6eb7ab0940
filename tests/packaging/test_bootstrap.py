"""The bootstrap does what is needed, once, and says what a person has to do."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import tomllib
from pathlib import Path

import pytest

import boot_environment
import boot_python
import boot_system
import boot_verbs
import bootstrap
from boot_shell import Shell
from tests.packaging.conftest import FakeShell

ROOT = Path(__file__).resolve().parents[2]
_PROJECT = '[project]\nname = "x"\ndependencies = ["a==1"]\n'
_ALL_PACKAGES = "".join(f"{names[0]} installed\n" for names in boot_system.QT_PACKAGES)


@pytest.fixture
def checkout(tmp_path: Path, shell: FakeShell) -> Path:
    """A checkout whose environment appears when ``-m venv`` is run."""
    root = tmp_path / "検査 プログラム"
    root.mkdir()
    (root / "pyproject.toml").write_text(_PROJECT, encoding="utf-8")
    python = boot_python.python_in(root / ".venv")

    def make() -> None:
        python.parent.mkdir(parents=True)
        python.write_text("", encoding="utf-8")

    shell.effects["-m venv"] = make
    shell.answers["import sys, pip"] = f"3.11 {root / '.venv'}"
    shell.answers["pip index"] = "hatchling (1.29.0)"
    shell.answers["dpkg-query"] = _ALL_PACKAGES
    return root


def test_the_first_call_makes_and_fills_the_environment(checkout: Path, shell: FakeShell) -> None:
    assert boot_verbs.perform("install", [], checkout, shell) == 0
    assert shell.ran("-m venv")
    assert shell.ran("pip install")
    assert shell.ran(".[demo,test,dev,opcua]")


def test_a_second_call_only_runs(checkout: Path, shell: FakeShell) -> None:
    boot_verbs.perform("install", [], checkout, shell)
    shell.commands.clear()
    assert boot_verbs.perform("demo", ["--headless", "--out", "a b"], checkout, shell) == 0
    assert len(shell.commands) == 1
    assert shell.commands[0].endswith("deeprx demo --headless --out a b")


def test_the_user_guide_is_built_once(checkout: Path, shell: FakeShell) -> None:
    (checkout / "packaging").mkdir(exist_ok=True)
    (checkout / "packaging" / "guide.py").write_bytes(b"")
    boot_verbs.perform("run", [], checkout, shell)
    assert shell.ran("packaging/guide.py")
    shell.commands.clear()
    (checkout / "resources" / "guide").mkdir(parents=True)
    boot_verbs.perform("run", [], checkout, shell)
    assert not shell.ran("packaging/guide.py")


def test_the_standalone_program_is_built_from_the_checkout(
    checkout: Path, shell: FakeShell
) -> None:
    assert boot_verbs.perform("frozen", ["--no-trial"], checkout, shell) == 0
    assert shell.commands[-1].endswith("packaging/freeze.py --no-trial")


def test_other_pins_install_again_but_other_tool_settings_do_not(
    checkout: Path, shell: FakeShell
) -> None:
    boot_verbs.perform("install", [], checkout, shell)
    for text, installs in (
        (_PROJECT + "[tool.ruff]\nline-length = 1\n", False),
        (_PROJECT.replace("a==1", "a==2"), True),
    ):
        shell.commands.clear()
        (checkout / "pyproject.toml").write_text(text, encoding="utf-8")
        boot_verbs.perform("install", [], checkout, shell)
        assert shell.ran("pip install") is installs
        assert not shell.ran("-m venv")


@pytest.mark.parametrize("pip_tidies_up", [True, False])
def test_an_interrupted_installation_is_done_again(
    checkout: Path, shell: FakeShell, capsys: pytest.CaptureFixture[str], pip_tidies_up: bool
) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    if pip_tidies_up:
        shell.codes["pip install"] = 130
    else:
        shell.effects["pip install"] = interrupt
    assert boot_verbs.perform("test", [], checkout, shell) == 130
    assert "interrupted" in capsys.readouterr().err
    assert not shell.ran("-m pytest")
    shell.effects.pop("pip install", None)
    shell.codes.clear()
    assert boot_verbs.perform("test", [], checkout, shell) == 0
    assert shell.ran("-m pytest")


def test_an_environment_that_does_not_start_is_made_again(checkout: Path, shell: FakeShell) -> None:
    boot_verbs.perform("install", [], checkout, shell)
    (checkout / ".venv" / boot_environment.STAMP).unlink()
    (checkout / ".venv" / "old").write_text("", encoding="utf-8")
    shell.answers["import sys, pip"] = None
    boot_verbs.perform("install", [], checkout, shell)
    assert not (checkout / ".venv" / "old").exists()
    assert (checkout / ".venv" / boot_environment.STAMP).exists()


def test_a_failed_installation_says_what_to_do_and_runs_nothing(
    checkout: Path, shell: FakeShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.codes["pip install"] = 1
    assert boot_verbs.perform("test", [], checkout, shell) == 2
    assert "run the same command again" in capsys.readouterr().err
    assert not shell.ran("-m pytest")
    assert boot_environment.fingerprint(checkout) != boot_environment._stamp(checkout / ".venv")


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_an_environment_of_any_supported_python_is_kept(
    checkout: Path, shell: FakeShell, version: str
) -> None:
    boot_verbs.perform("install", [], checkout, shell)
    (checkout / ".venv" / boot_environment.STAMP).unlink()
    shell.answers["import sys, pip"] = f"{version} {checkout / '.venv'}"
    shell.commands.clear()
    boot_verbs.perform("install", [], checkout, shell)
    assert shell.ran("-m venv") is (version not in boot_python.SUPPORTED)


def test_without_a_network_one_sentence_says_what_to_do(
    checkout: Path, shell: FakeShell, capsys: pytest.CaptureFixture[str]
) -> None:
    shell.answers["pip index"] = None
    assert boot_verbs.perform("demo", ["--headless"], checkout, shell) == 2
    told = capsys.readouterr().err.splitlines()[-1]
    assert "Nothing can be downloaded" in told
    assert "PIP_FIND_LINKS" in told
    assert not shell.ran("pip install")
    shell.answers["pip index"] = "hatchling (1.29.0)"
    assert boot_verbs.perform("demo", ["--headless"], checkout, shell) == 0


def test_packages_in_pieces_are_installed_again(checkout: Path, shell: FakeShell) -> None:
    def leave_in_pieces() -> None:
        _package(checkout, "whole", b"x = 1\n")
        _package(checkout, "short", b"x =")
        (_package(checkout, "gone", b"x = 1\n") / "gone.py").unlink()

    def mend() -> None:
        for name in ("short", "gone"):
            _package(checkout, name, b"x = 1\n")

    shell.effects["-e .["] = leave_in_pieces
    shell.effects["--force-reinstall"] = mend
    assert boot_verbs.perform("install", [], checkout, shell) == 0
    assert shell.commands[-1].endswith("--force-reinstall --no-deps gone==1.0 short==1.0")


def _package(checkout: Path, name: str, content: bytes) -> Path:
    base = {"base": str(checkout / ".venv")}
    site = Path(sysconfig.get_path("purelib", "venv", base))
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True, exist_ok=True)
    (site / f"{name}.py").write_bytes(content)
    (info / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n", encoding="utf-8")
    (info / "RECORD").write_text(f"{name}.py,,6\n{name}-1.0.dist-info/RECORD,,\n", encoding="utf-8")
    return site


def test_the_checks_run_in_order_and_the_tests_come_last(
    checkout: Path, shell: FakeShell, capsys: pytest.CaptureFixture[str]
) -> None:
    boot_verbs.perform("install", [], checkout, shell)
    shell.commands.clear()
    assert boot_verbs.perform("test", ["-k", "limits"], checkout, shell) == 0
    expected = ["ruff check", "ruff format --check", "mypy --strict", "translate.py --check"]
    expected += ["guide.py"]
    assert all(e in c for e, c in zip(expected, shell.commands, strict=False))
    shared = "-n logical --maxprocesses 4 --dist worksteal"  # what a person gives comes after it
    assert shell.commands[-1].endswith(f"-m pytest {shared} -k limits")
    assert shell.environments[-1]["PYTHONDONTWRITEBYTECODE"] == "", "what is started starts fast"
    assert len(shell.commands) == 6
    said = capsys.readouterr()
    assert said.err.splitlines()[-1] == "bootstrap: pytest ..."
    assert not said.out


@pytest.mark.parametrize("check", ["ruff check", "ruff format", "mypy", "translate.py", "pytest"])
def test_the_first_failure_ends_the_test_with_its_code(
    checkout: Path, shell: FakeShell, capsys: pytest.CaptureFixture[str], check: str
) -> None:
    boot_verbs.perform("install", [], checkout, shell)
    shell.codes[check] = 3
    assert boot_verbs.perform("test", [], checkout, shell) == 3
    assert check in shell.commands[-1]
    assert check == "pytest" or "FAILED" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows always has a screen")
@pytest.mark.parametrize(("display", "platform"), [("", "offscreen"), (":1", None)])
def test_without_a_display_the_tests_draw_offscreen(
    checkout: Path,
    shell: FakeShell,
    monkeypatch: pytest.MonkeyPatch,
    display: str,
    platform: str | None,
) -> None:
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY", "DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    if display:
        monkeypatch.setenv("DISPLAY", display)
    boot_verbs.perform("test", [], checkout, shell)
    assert shell.environments[-1].get("QT_QPA_PLATFORM") == platform


def test_as_root_missing_libraries_are_installed(shell: FakeShell) -> None:
    shell.root = True
    shell.answers["dpkg-query"] = _ALL_PACKAGES.replace("libegl1 installed", "libegl1 config-files")
    boot_system.prepare(shell)
    assert [c.split(" -q")[0] for c in shell.commands] == ["apt-get update", "apt-get install"]
    assert shell.commands[-1].endswith(" libegl1")
    assert all(e == {"DEBIAN_FRONTEND": "noninteractive"} for e in shell.environments)


def test_a_library_under_its_newer_name_counts(shell: FakeShell) -> None:
    shell.root = True
    shell.answers["dpkg-query"] = _ALL_PACKAGES.replace("libglib2.0-0 ", "libglib2.0-0t64 ")
    boot_system.prepare(shell)
    assert shell.commands == []


@pytest.mark.parametrize("root", [False, True])
def test_where_nothing_can_be_installed_the_command_is_printed(
    shell: FakeShell, capsys: pytest.CaptureFixture[str], root: bool
) -> None:
    shell.root = root
    shell.codes["apt-get install"] = 100
    shell.answers["dpkg-query"] = ""
    boot_system.prepare(shell)
    said = capsys.readouterr().err
    assert "sudo apt-get update && sudo apt-get install -y libglib2.0-0 libegl1 " in said
    assert "fonts-noto-cjk" in said
    assert shell.ran("apt-get") is root


def test_elsewhere_than_debian_nothing_is_installed(shell: FakeShell) -> None:
    shell.root = True
    boot_system.prepare(shell)
    assert shell.commands == []


@pytest.mark.parametrize(("arguments", "code"), [([], 2), (["fly"], 2), (["--help"], 0)])
def test_a_wrong_verb_shows_the_right_ones(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int
) -> None:
    assert bootstrap.main(arguments) == code
    assert "bootstrap.py demo" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="signals as on Linux")
@pytest.mark.parametrize(("program", "code"), [("exit 5", 5), ("kill -9 $$", 137)])
def test_exit_codes_pass_through(program: str, code: int) -> None:
    assert Shell().run(["sh", "-c", program]) == code


def test_a_program_that_is_not_there_answers_nothing() -> None:
    assert Shell().read(["no-such-program-here"]) is None
    assert Shell().read([sys.executable, "-c", "print('yes')"]) == "yes\n"


def test_only_the_standard_library_is_needed() -> None:
    """Isolated and without site-packages, as on a fresh machine."""
    answer = subprocess.run(
        [sys.executable, "-S", "-E", str(ROOT / "packaging" / "bootstrap.py"), "--help"],
        capture_output=True,
        check=False,
    )
    assert answer.returncode == 0
    probe = "import boot_verbs, boot_python, boot_system, boot_environment"
    code = f"import sys; sys.path.insert(0, {str(ROOT / 'packaging')!r}); {probe}"
    assert subprocess.run([sys.executable, "-S", "-E", "-c", code], check=False).returncode == 0


def test_every_pin_is_exact() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    pins = (ROOT / boot_environment.CONSTRAINTS).read_text(encoding="utf-8").splitlines()
    groups.append([line for line in pins if line and not line.startswith("#")])
    assert [p for group in groups for p in group if "==" not in p] == []
