"""The sheets of the Inspect page; they lie over the whole window."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QWidget

from deeprx_gui.state.profiles import ProfilesModel
from deeprx_gui.ui.inspect.pin_pad import PinPad
from deeprx_gui.ui.inspect.setup_sheet import SetupSheet
from deeprx_gui.ui.inspect.small_sheets import ProductSheet, ResetSheet
from deeprx_gui.ui.kit.confirm_sheet import ConfirmSheet

TOUCH: Final = """
QPushButton, QToolButton, QLineEdit { min-height: 62px; font-size: 18px; icon-size: 24px; }
QToolButton { min-width: 62px; padding: 0; }
QPushButton:focus, QToolButton:focus, QLineEdit:focus { min-height: 60px; }
QLabel[level="small"] { font-size: 14px; }
"""
"""Everything to press is at least 64 pixels high for an operator with gloves."""


class InspectSheets:
    """Made once, for one window."""

    def __init__(self, profiles: ProfilesModel, window: QWidget) -> None:
        self.setup = SetupSheet(window)
        self.reset = ResetSheet(window)
        self.confirm = ConfirmSheet(window)
        self.product = ProductSheet(profiles, window)
        self.pin = PinPad(window)

    def set_operator(self, operator: bool) -> None:
        """Switch the sheets to touch size in operator mode."""
        for sheet in (self.reset, self.confirm, self.product):
            sheet.setStyleSheet(TOUCH if operator else "")
        self.setup.close_sheet()
