"""The style of what is pressed with gloves on."""

from __future__ import annotations

from typing import Final

TOUCH: Final = """
QPushButton, QToolButton, QLineEdit { min-height: 62px; font-size: 18px; icon-size: 24px; }
QToolButton { min-width: 62px; padding: 0; }
QPushButton:focus, QToolButton:focus, QLineEdit:focus { min-height: 60px; }
QLabel[level="small"] { font-size: 14px; }
"""
"""Everything to press is at least 64 pixels high for an operator with gloves."""
