"""Opacity and quiet scale of the heat: the same on every page, and remembered."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Slot

from deeprx_gui.controllers.settings_controller import SettingsController


class HeatPanel(Protocol):
    """A part of a page that shows heat."""

    def set_opacity(self, opacity: float) -> None:
        """Let the heat cover the picture more or less, 0..1."""

    def set_below(self, below: bool) -> None:
        """Show or hide what lies below the limit, without telling anybody."""


class SharedHeat(QObject):
    """Tells every page what was chosen on one of them."""

    def __init__(self, settings: SettingsController, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._panels: list[HeatPanel] = []

    def add(self, panel: HeatPanel) -> None:
        """Let a panel of a new page look as was chosen last, and follow from now on."""
        panel.set_opacity(self._settings.current.overlay_opacity)
        panel.set_below(self._settings.current.heat_below)
        self._panels.append(panel)

    @Slot(float)
    def set_opacity(self, opacity: float) -> None:
        """Show all heat so strongly, 0..1."""
        for panel in self._panels:
            panel.set_opacity(opacity)
        self._settings.remember_opacity(opacity)

    @Slot(bool)
    def set_below(self, below: bool) -> None:
        """Show everywhere what lies below the limit, or nowhere."""
        for panel in self._panels:
            panel.set_below(below)
        self._settings.remember_below(below)
