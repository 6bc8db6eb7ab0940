"""Which widgets remember the folder that their file dialogs begin in, each for its purpose."""

from __future__ import annotations

from typing import Final

FOLDER_KEY: Final = "folder_key"
"""The property of a widget with a ``start_folder``: under what name that is remembered."""
