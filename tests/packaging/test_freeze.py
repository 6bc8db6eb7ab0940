"""What freezing is made of: the clean environment, the icon, the version resource, the screen."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import freeze_environment
import make_icon
import screen_file
import version_resource
from boot_python import python_in
from boot_shell import BootstrapError
from tests.packaging.conftest import FakeShell

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path, shell: FakeShell) -> Path:
    """The pins of this checkout, and an environment that appears when it is made."""
    for name in ("pyproject.toml", "packaging/constraints.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text(encoding="utf-8"), encoding="utf-8")
    python = python_in(tmp_path / freeze_environment.FOLDER)

    def make() -> None:
        python.parent.mkdir(parents=True)
        python.write_text("", encoding="utf-8")

    shell.effects["-m venv"] = make
    return tmp_path


def test_the_environment_is_made_once(checkout: Path, shell: FakeShell) -> None:
    python = freeze_environment.prepare(checkout, shell)
    assert python.exists()
    assert shell.ran("pyinstaller==")
    assert not shell.ran("torchvision")
    shell.commands.clear()
    assert freeze_environment.prepare(checkout, shell) == python
    assert not shell.commands


def test_it_is_made_with_the_tested_python_whatever_runs(
    checkout: Path, shell: FakeShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeze_environment, "running", lambda: "3.13")
    monkeypatch.setattr(freeze_environment, "find", lambda *_: "/opt/python3.11")
    freeze_environment.prepare(checkout, shell)
    assert shell.commands[0].startswith("/opt/python3.11 -m venv")
    (checkout / freeze_environment.FOLDER / freeze_environment.STAMP).unlink()
    monkeypatch.setattr(freeze_environment, "find", lambda *_: None)
    with pytest.raises(BootstrapError, match=r"built with Python 3\.11"):
        freeze_environment.prepare(checkout, shell)


def test_another_build_of_torch_is_tried_and_none_is_said(
    checkout: Path, shell: FakeShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freeze_environment, "torch_pins", lambda _: ["torch==9+cpu", "torch==8"])
    shell.codes["torch==9+cpu"] = 1
    freeze_environment.prepare(checkout, shell)
    assert shell.ran("torch==8")
    (checkout / freeze_environment.FOLDER / freeze_environment.STAMP).unlink()
    shell.codes["torch=="] = 1
    with pytest.raises(BootstrapError, match="PIP_FIND_LINKS"):
        freeze_environment.prepare(checkout, shell)


def test_the_icon_has_every_size_and_is_drawn_not_scaled() -> None:
    data = make_icon.TARGET.read_bytes()
    kind, count = struct.unpack_from("<HH", data, 2)
    assert (kind, count) == (1, len(make_icon.SIZES))
    shades = {}
    for number, size in enumerate(make_icon.SIZES):
        length, place = struct.unpack_from("<II", data, 6 + 16 * number + 8)
        with Image.open(io.BytesIO(data[place : place + length])) as picture:
            assert picture.size == (size, size)
            pixels = np.asarray(picture.convert("RGB")).astype(int)
        shades[size] = np.abs(np.diff(pixels, axis=1)).max()
    assert min(shades.values()) > 100, "an edge is a blur"


def test_small_icons_leave_the_faint_ring_out() -> None:
    svg = make_icon.DRAWING.read_text(encoding="utf-8")
    assert 'opacity="0.55"' in make_icon.drawing_for(64, svg)
    small = make_icon.drawing_for(16, svg)
    assert 'opacity="0.55"' not in small
    assert 'r="7.5"' in small


@pytest.mark.parametrize(
    ("version", "numbers"),
    [("0.1.0", (0, 1, 0, 0)), ("12.3", (12, 3, 0, 0)), ("1.2.3rc4", (1, 2, 3, 0))],
)
def test_windows_gets_four_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert version_resource.numbers(version) == numbers
    assert version_resource.texts("deeprx.exe", "x")["InternalName"] == "deeprx"


def test_a_picture_of_the_screen_is_read(tmp_path: Path) -> None:
    """X Window Dump: 25 numbers, a name, colours of 12 bytes, then rows of blue, green, red, 0."""
    head = [0] * 25
    head[0], head[4], head[5], head[12], head[19] = 104, 2, 1, 12, 1
    pixels = bytes([30, 20, 10, 0, 60, 50, 40, 0]) + bytes(4)
    file = tmp_path / "screen"
    file.write_bytes(struct.pack(">25I", *head) + b"abc\0" + bytes(12) + pixels)
    picture = screen_file.Screen(":1", file).picture()
    assert picture.tolist() == [[[10, 20, 30], [40, 50, 60]]]
