"""The version resource of the Windows programs: what Explorer shows under Properties."""

from __future__ import annotations

import platform
import re
from typing import Any

from deeprx_gui import __version__

COMPANY = "Deep RX Inspector project"
_LANGUAGE, _UNICODE = 0x0409, 0x04B0


def numbers(version: str = __version__) -> tuple[int, int, int, int]:
    """Return the four numbers Windows wants: "1.2.0rc3" is (1, 2, 0, 0)."""
    found = re.match(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?", version)
    if found is None:
        raise ValueError(f"{version!r} is no version")
    major, minor, patch = (int(part or 0) for part in found.groups())
    return major, minor, patch, 0


def texts(file_name: str, description: str) -> dict[str, str]:
    """Return the lines shown under Properties."""
    return {
        "CompanyName": COMPANY,
        "FileDescription": description,
        "FileVersion": __version__,
        "InternalName": file_name.removesuffix(".exe"),
        "OriginalFilename": file_name,
        "ProductName": "Deep RX Inspector",
        "ProductVersion": __version__,
    }


def of(file_name: str, description: str) -> Any:  # noqa: ANN401 - PyInstaller publishes no types
    """Return the resource for ``EXE(version=...)``; ``None`` where programs have none."""
    if platform.system() != "Windows":
        return None
    from PyInstaller.utils.win32 import versioninfo as vi

    lines = [vi.StringStruct(key, text) for key, text in texts(file_name, description).items()]
    return vi.VSVersionInfo(
        ffi=vi.FixedFileInfo(filevers=numbers(), prodvers=numbers()),
        kids=[
            vi.StringFileInfo([vi.StringTable(f"{_LANGUAGE:04X}{_UNICODE:04X}", lines)]),
            vi.VarFileInfo([vi.VarStruct("Translation", [_LANGUAGE, _UNICODE])]),
        ],
    )
