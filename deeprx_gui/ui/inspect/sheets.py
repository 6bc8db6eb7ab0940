"""The sheets of the Inspect page; they lie over the whole window."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from deeprx_gui.state.profiles import ProfilesModel
from deeprx_gui.ui.inspect.pin_pad import PinPad
from deeprx_gui.ui.inspect.setup_sheet import SetupSheet
from deeprx_gui.ui.inspect.small_sheets import ProductSheet, ResetSheet
from deeprx_gui.ui.kit.confirm_sheet import ConfirmSheet
from deeprx_gui.ui.kit.touch import TOUCH


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
