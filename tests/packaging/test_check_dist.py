"""The check of a frozen folder: it passes a whole one and names what is wrong with a broken one."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

import binary_file
import check_dist
import freeze
import frozen_contents
from check_dist import Dist, problems
from deeprx_gui import installation_check
from frozen_contents import Edition

RUNTIME = (14, 44, 35211, 0)


def pe(
    needs: tuple[str, ...] = ("KERNEL32.dll",),
    version: tuple[int, int, int, int] | None = None,
    machine: int = 0x8664,
) -> bytes:
    """A small PE file: headers, one section with the import table, perhaps a version."""
    head, optional, base = 0x80, 0xF0, 0x1000
    raw = head + 24 + optional + 40
    names, table = b"", b""
    at = base + 20 * (len(needs) + 1)
    for name in needs:
        table += struct.pack("<IIIII", 0, 0, 0, at + len(names), 0)
        names += name.encode() + b"\0"
    body = table + bytes(20) + names
    if version is not None:
        high, low = version[0] << 16 | version[1], version[2] << 16 | version[3]
        body += struct.pack("<IIII", 0xFEEF04BD, 0x10000, high, low)
    start = b"MZ" + bytes(0x3A) + struct.pack("<I", head) + bytes(head - 0x40)
    coff = b"PE\0\0" + struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, optional, 0)
    directories = bytes(8) + struct.pack("<II", base, len(body)) + bytes(14 * 8)
    opt = struct.pack("<H", 0x20B) + bytes(110) + directories
    section = b".rdata\0\0" + struct.pack("<IIIIIIHHI", len(body), base, len(body), raw, *[0] * 5)
    return start + coff + opt + section + body


def _write(folder: Path, name: str, data: bytes = b"x") -> None:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A Windows folder with nothing wrong."""
    folder = tmp_path / "DeepRX 検査"
    patterns = (*check_dist.REQUIRED["windows"], *check_dist._REQUIRED_ANYWHERE)
    patterns += check_dist.REQUIRED_IN_FULL["windows"]
    for pattern in patterns:
        name = pattern.replace("/**/", "/plugins/").replace("*", "1")
        _write(folder, name, pe() if name.endswith((".dll", ".exe")) else b"x")
    for name in ("MSVCP140.dll", "VCRUNTIME140.dll", "VCRUNTIME140_1.dll"):
        _write(folder, f"_internal/{name}", pe(version=RUNTIME))
    _write(folder, "_internal/cv2/cv2.pyd", pe(("msvcp140.dll", "api-ms-win-crt-heap-l1-1-0.dll")))
    # numpy's own copy under another name may be another version
    _write(folder, "_internal/numpy.libs/msvcp140-abc.dll", pe(version=(14, 40, 1, 0)))
    freeze.write_list(folder)
    return folder


def test_a_whole_folder_passes(whole: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert list(problems(Dist(whole))) == []
    assert check_dist.main([str(whole)]) == 0
    assert "windows" in capsys.readouterr().out


def _runtime_of_another_version(folder: Path) -> None:
    _write(folder, "_internal/PySide6/concrt140.dll", pe(version=(14, 43, 1, 0)))


def _old_runtime(folder: Path) -> None:
    for file in ("MSVCP140.dll", "VCRUNTIME140.dll", "VCRUNTIME140_1.dll"):
        _write(folder, f"_internal/{file}", pe(version=(14, 38, 33135, 0)))


def _no_runtime(folder: Path) -> None:
    for file in folder.glob("_internal/*140*.dll"):
        file.unlink()


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "a needed library": (
        lambda f: _write(f, "_internal/torch/lib/c10.dll", pe(("libiomp5md.dll",))),
        "c10.dll needs libiomp5md.dll",
    ),
    "two run times": (_runtime_of_another_version, "several versions: 14.43.1 (1 files)"),
    "an old run time": (_old_runtime, "is 14.38.33135.0, torch needs 14.42"),
    "no run time": (_no_runtime, "cv2.pyd needs msvcp140.dll"),
    "another machine": (
        lambda f: _write(f, "_internal/x.dll", pe(machine=0x14C)),
        "x.dll is for x86",
    ),
    "no library at all": (lambda f: _write(f, "_internal/x.dll", b"MZ"), "is no program"),
    "no platform plug-in": (
        lambda f: next(f.glob("**/qwindows.dll")).unlink(),
        "qwindows.dll is missing",
    ),
    "no Japanese": (lambda f: next(f.glob("**/ja.mo")).unlink(), "ja.mo is missing"),
    "no licences": (lambda f: (f / "LICENCES.html").unlink(), "LICENCES.html is missing"),
    "CUDA": (lambda f: _write(f, "_internal/nvidia/cudnn.dll", pe()), "NVIDIA"),
    "triton": (lambda f: _write(f, "_internal/triton/x.py"), "must not be shipped"),
    "tests": (lambda f: _write(f, "_internal/numpy/tests/test_x.py"), "must not be shipped"),
    "headers": (lambda f: _write(f, "_internal/torch/include/x.h"), "must not be shipped"),
    "GPL": (lambda f: _write(f, "_internal/PyQt6/QtCore.pyd", pe()), "GPL"),
    "pictures that may not be shipped": (
        lambda f: _write(f, "_internal/elpv_dataset/data/1.png"),
        "licence forbids",
    ),
    "a file nobody listed": (lambda f: _write(f, "_internal/new.txt"), "new.txt is not in"),
    "an altered file": (lambda f: _write(f, "LICENCES.html", b"other"), "LICENCES.html in"),
    "a damaged list": (lambda f: _write(f, "shipped.json", b"{}"), "shipped.json cannot be read"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_folder_is_found(whole: Path, what: str) -> None:
    break_it, says = BROKEN[what]
    break_it(whole)
    found = list(problems(Dist(whole)))
    assert any(says in problem for problem in found), found
    assert check_dist.main([str(whole)]) == 1


def test_a_folder_or_a_setup_that_is_too_large_is_found(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    setup = tmp_path / "setup.exe"
    setup.write_bytes(bytes(2000))
    monkeypatch.setattr(check_dist, "SETUP_BUDGET", {Edition.FULL: 1000})
    assert check_dist.main([str(whole), "--setup", str(setup)]) == 1
    assert "setup.exe: 0 MB, allowed are 0" in capsys.readouterr().out
    monkeypatch.setattr(check_dist, "FOLDER_BUDGET", {Edition.FULL: {"windows": 1000}})
    assert any("MB, allowed are" in p for p in problems(Dist(whole)))


def _without_torch(folder: Path) -> None:
    for pattern in ("torch/lib/*", "efficientnet*/models/*.pth", "cv2/opencv_videoio*"):
        for file in (folder / "_internal").glob(pattern):
            file.unlink()
    freeze.write_list(folder)


def test_the_light_edition_has_its_own_limits(whole: Path, tmp_path: Path) -> None:
    assert any("is the light edition" in p for p in problems(Dist(whole, Edition.LIGHT)))
    _without_torch(whole)
    assert list(problems(Dist(whole, Edition.LIGHT))) == []
    assert any("torch_cpu.dll is missing" in p for p in problems(Dist(whole)))
    with (whole / "_internal" / "large.bin").open("wb") as file:
        file.truncate(301_000_000)
    assert "301 MB, allowed are 300" in problems(Dist(whole, Edition.LIGHT))
    setup = tmp_path / "setup.exe"
    with setup.open("wb") as file:
        file.truncate(101_000_000)
    (whole / "_internal" / "large.bin").unlink()
    assert check_dist.main([str(whole), "--edition", "light", "--setup", str(setup)]) == 1
    setup.write_bytes(b"MZ")
    assert check_dist.main([str(whole), "--edition", "light", "--setup", str(setup)]) == 0


def test_an_empty_folder_is_no_program(tmp_path: Path) -> None:
    assert list(problems(Dist(tmp_path / "nothing")))


def test_this_pythons_own_library_is_read() -> None:
    import _ctypes

    file = getattr(_ctypes, "__file__", None)
    if file is None:
        pytest.skip("this Python has it built in")
    read = binary_file.read(Path(file))
    assert read.machine == binary_file.X64
    assert read.needs


def test_what_came_along_for_a_dropped_plug_in_goes_with_it(tmp_path: Path) -> None:
    """Needs are read from the files; here from PE files, which say the same."""
    _write(tmp_path, "plugin.so", pe(("libused.so.1",)))
    for name, needs in (("libused.so.1", "libdeep.so"), ("libdeep.so", "x"), ("libgtk.so.3", "x")):
        _write(tmp_path, name, pe((needs,)))
    entries = [("PySide6/plugin.so", str(tmp_path / "plugin.so"))]
    entries += [(n, str(tmp_path / n)) for n in ("libused.so.1", "libdeep.so", "libgtk.so.3")]
    for module in ("_cffi_backend.cpython-311-x86_64-linux-gnu.so", "_x.abi3.so"):  # imported
        _write(tmp_path, module, pe(("x",)))
        entries.append((module, str(tmp_path / module)))
    assert frozen_contents.orphans(entries) == {"libgtk.so.3"}


def test_every_line_of_the_tables_has_its_reason() -> None:
    for table in (
        frozen_contents.EXCLUDED_MODULES,
        frozen_contents.DROPPED,
        frozen_contents.FORBIDDEN,
        frozen_contents.EXCLUDED_FROM_LIGHT,
        frozen_contents.DROPPED_FROM_LIGHT,
        frozen_contents.FORBIDDEN_IN_LIGHT,
    ):
        assert all(reason.strip() for reason in table.values())
    ours = "PySide6/Qt/translations/qtbase_ja.qm"
    assert frozen_contents.dropped(ours) is None
    assert frozen_contents.dropped(ours.replace("_ja", "_fr"))
    assert frozen_contents.dropped(r"PySide6\plugins\tls\qschannelbackend.dll")
    assert frozen_contents.dropped("cv2/opencv_videoio_ffmpeg500_64.dll") is None
    assert frozen_contents.dropped("cv2/opencv_videoio_ffmpeg500_64.dll", Edition.LIGHT)
    assert "torch" in frozen_contents.excluded_modules(Edition.LIGHT)
    assert "torch" not in frozen_contents.excluded_modules(Edition.FULL)


def test_the_list_names_a_missing_and_an_altered_file(whole: Path) -> None:
    assert installation_check.missing_or_resized_file(whole) is None
    assert set(installation_check.altered_files(whole)) == {None}
    _write(whole, "LICENCES.html", b"y")  # as long as before
    assert installation_check.missing_or_resized_file(whole) is None
    assert (
        next(str(m) for m in installation_check.altered_files(whole) if m).count("LICENCES.html")
        == 1
    )
    (whole / "deeprx.exe").unlink()
    assert "deeprx.exe is missing" in str(installation_check.missing_or_resized_file(whole))
    for text in ("", "{", "[]", json.dumps({"format": "other", "files": {}})):
        (whole / installation_check.LIST_NAME).write_text(text, encoding="utf-8")
        assert "shipped.json" in str(installation_check.missing_or_resized_file(whole))
