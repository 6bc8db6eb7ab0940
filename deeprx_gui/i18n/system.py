"""Which of our languages the person at this PC reads, as the operating system says."""

from __future__ import annotations

import os
import sys

_JAPANESE = 0x11  # LANG_JAPANESE, the low ten bits of a Windows language identifier
_LOCALE_VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


def system_language() -> str:
    """Return ``ja`` on a Japanese system and ``en`` on every other."""
    return "ja" if _reads_japanese() else "en"


if sys.platform == "win32":
    import ctypes

    def _reads_japanese() -> bool:
        identifier = int(ctypes.windll.kernel32.GetUserDefaultUILanguage())
        return identifier & 0x3FF == _JAPANESE

else:

    def _reads_japanese() -> bool:
        chosen = next((v for n in _LOCALE_VARIABLES if (v := os.environ.get(n))), "")
        return chosen.lower().startswith("ja")
