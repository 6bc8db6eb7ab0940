"""Asking the person at the terminal; the questions go to standard error."""

from __future__ import annotations

import getpass
import sys


def is_terminal() -> bool:
    """Whether somebody sits there to be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask_hidden(question: str) -> str:
    """Return what is typed without showing it."""
    try:
        return getpass.getpass(question + " ", stream=sys.stderr)
    except EOFError:
        raise KeyboardInterrupt from None


def ask_plain(question: str) -> str:
    """Return what is typed."""
    print(question, end=" ", file=sys.stderr, flush=True)
    line = sys.stdin.readline()
    if not line:
        raise KeyboardInterrupt
    return line.strip()
