"""Collects OpenVINO for graphs that we build ourselves, on the processor.

Its plug-ins and its reader of compiled graphs are loaded by file name, so they are named here;
``frozen_contents.py`` says which of them stay out.
"""

from __future__ import annotations

from pathlib import Path

from PyInstaller.utils.hooks import get_package_paths

_package = Path(get_package_paths("openvino")[1])
binaries = [
    (str(file), "openvino/libs")
    for file in sorted((_package / "libs").iterdir())
    if ".so" in file.name or file.suffix == ".dll"
]
hiddenimports = ["openvino._pyopenvino"]
bindepend_symlink_suppression = ["**/openvino/libs/*.so*"]
