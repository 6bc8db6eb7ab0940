"""Asking what is to become of limits that are not saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMessageBox

from deeprx_gui.controllers.job_service import UnsavedLimitsAnswer

if TYPE_CHECKING:
    from deeprx_gui.ui.main_window import MainWindow


def ask_about_unsaved(window: MainWindow) -> UnsavedLimitsAnswer:
    """Return what a person wants done with limits that are not saved."""
    choices = QMessageBox.StandardButton
    answers = {
        choices.Save: UnsavedLimitsAnswer.SAVE,
        choices.Discard: UnsavedLimitsAnswer.DISCARD,
    }
    return answers.get(window.ask_about_unsaved(), UnsavedLimitsAnswer.STAY)
