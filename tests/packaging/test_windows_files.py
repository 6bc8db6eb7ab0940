"""What the Windows build is made from fits together, as far as it shows without Windows or Wine."""

from __future__ import annotations

import codecs
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

import freeze_environment
from deeprx_gui import installation_check, paths
from deeprx_gui.i18n import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
WINDOWS = ROOT / "packaging" / "windows"
SCRIPTS = sorted(WINDOWS.glob("*.sh"))
INSTALLER = (WINDOWS / "installer.nsi").read_text(encoding="utf-8")
TEXTS = (WINDOWS / "installer_texts.nsh").read_text(encoding="utf-8")


def pins(text: str) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.MULTILINE)
    return {name.lower().replace("_", "-"): version for name, version in found}


def requirements() -> str:
    return (WINDOWS / "requirements-windows.txt").read_text(encoding="utf-8")


def test_windows_is_frozen_from_the_pins_of_the_product() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    more = project["optional-dependencies"]
    asked = pins("\n".join(project["dependencies"] + more["opcua"] + more["freeze"]))
    for left_out in freeze_environment.NOT_FROZEN:
        del asked[left_out]
    assert asked.items() <= pins(requirements()).items()


def test_what_the_pins_bring_along_has_the_tested_versions() -> None:
    tested = pins((ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8"))
    windows = pins(requirements())
    assert {n: windows[n] for n in tested.keys() & windows} == {
        n: tested[n] for n in tested.keys() & windows
    }


def test_every_windows_wheel_is_pinned_by_its_hash() -> None:
    text = requirements()
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}$", text, re.MULTILINE)) == len(pins(text))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda p: p.name)
def test_the_shell_can_read_the_scripts(script: Path) -> None:
    shell = shutil.which("bash")
    if shell is None:
        pytest.skip("no bash on this PC")
    checked = subprocess.run([shell, "-n", script], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr.decode()


def test_shellcheck_finds_nothing() -> None:
    checker = shutil.which("shellcheck")
    if checker is None:
        pytest.skip("no shellcheck on this PC")
    command = [
        checker,
        "-x",
        "--severity=warning",
        "--source-path=SCRIPTDIR",
        str(WINDOWS / "build_under_wine.sh"),
    ]
    checked = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert checked.returncode == 0, checked.stdout


def test_the_setup_speaks_both_languages() -> None:
    assert set(LANGUAGES) == {"en", "ja"}
    for language in ("English", "Japanese"):
        assert f'!insertmacro MUI_LANGUAGE "{language}"' in INSTALLER
    said = set(re.findall(r"^!insertmacro Say (\w+)", TEXTS, re.MULTILINE))
    assert said == set(re.findall(r"\$\((\w+)\)", INSTALLER))
    japanese = re.findall(r'^  "([^"]*[\u3040-\u30ff][^"]*)"$', TEXTS, re.MULTILINE)
    one_line = re.findall(
        r'^!insertmacro Say \w+ "[^"]+" "([^"]*[\u3040-\u9fff][^"]*)"', TEXTS, re.MULTILINE
    )
    assert len(japanese) + len(one_line) == len(said)


def test_the_setup_and_the_program_mean_the_same_places() -> None:
    assert f'!define DATA_FOLDER "{paths.FOLDER_NAME}"' in INSTALLER
    assert f'!define MARKER "{paths.SHARED_MARKER}"' in INSTALLER
    assert f'!define LIST "{installation_check.LIST_NAME}"' in INSTALLER


def test_the_setup_needs_no_administrator_unless_it_is_for_all_accounts() -> None:
    assert re.search(r"^RequestExecutionLevel user$", INSTALLER, re.MULTILINE)
    assert 'InstallDir "$LOCALAPPDATA\\Programs\\${NAME}"' in INSTALLER


def test_an_upgrade_removes_the_old_program_before_it_copies_the_new_one() -> None:
    section = INSTALLER.partition("sec_program")[2]
    assert section.index(r'RMDir /r "$INSTDIR\_internal"') < section.index("File /r")


def test_only_the_program_and_asked_for_data_are_ever_removed() -> None:
    removed = set(re.findall(r'RMDir /r "([^"]+)"', INSTALLER))
    assert removed == {r"$INSTDIR\_internal", "$1"}
    asked = INSTALLER.index('"$(delete_data)"')
    assert "MB_DEFBUTTON2" in INSTALLER[asked - 80 : asked]
    assert asked < INSTALLER.index('RMDir /r "$1"')


def test_powershell_on_a_japanese_windows_reads_the_script_as_utf_8() -> None:
    assert (WINDOWS / "build.ps1").read_bytes().startswith(codecs.BOM_UTF8)


@pytest.mark.parametrize("file", ["build.ps1", "../../.github/workflows/windows.yml"])
def test_what_was_not_run_by_us_says_so(file: str) -> None:
    assert "NOT RUN BY US YET" in (WINDOWS / file).read_text(encoding="utf-8")
