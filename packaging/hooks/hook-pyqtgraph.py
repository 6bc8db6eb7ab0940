"""Collects what our plots need of pyqtgraph: its small icons; no examples, no other windows."""

from __future__ import annotations

from PyInstaller.utils.hooks import collect_data_files

datas = collect_data_files("pyqtgraph", includes=["icons/**/*.svg", "icons/**/*.png"])
# PyInstaller prepares its processes at the start of every program that has pyqtgraph in it.
hiddenimports = ["pyqtgraph.multiprocess.bootstrap"]
# Imported by name when pyqtgraph is, although our plots are drawn without OpenGL.
hiddenimports += ["PySide6.QtOpenGL", "PySide6.QtOpenGLWidgets"]
