"""Looks that only a fresh process can take: whether the window system and torch can be loaded.

What such a look finds may be a crash of the whole process; then that is the finding. The program
starts itself once more with ``--probe NAME FILE`` and reads what was written there.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from deeprx_gui.domain.errors import StorageError
from deeprx_gui.domain.json_text import read_json_file
from deeprx_gui.domain.message import Message, say
from deeprx_gui.scratch import scratch_folder
from deeprx_gui.work.self_checks import CheckContext, SkippedError

TIMEOUT = 120.0
_NO_WINDOW = 0x08000000  # Windows: no black console flashes up


def probe(name: str) -> Callable[[CheckContext], Message]:
    """Return the check that takes this look in a process of its own."""

    def check(_bench: CheckContext) -> Message:
        return run_probe(name)

    return check


def own_program() -> list[str]:
    """Return how this very program is started once more."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    return [sys.executable, "-m", "deeprx_gui"]


def run_probe(name: str, timeout: float = TIMEOUT) -> Message:
    """Take one look. Raises StorageError with what was found wrong, SkippedError."""
    with scratch_folder(Path(tempfile.gettempdir()), "deeprx ") as folder:
        answer = folder / "answer.json"
        try:
            ended = subprocess.run(  # noqa: S603 - this very program
                [*own_program(), "--probe", name, str(answer)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                check=False,
                timeout=timeout,
                creationflags=_NO_WINDOW if sys.platform == "win32" else 0,
            )
        except subprocess.TimeoutExpired as error:
            raise StorageError(
                say(
                    "No answer within {seconds} s. Start the PC anew, then try again.",
                    seconds=round(timeout),
                )
            ) from error
        return _finding(answer, ended)


def _finding(answer: Path, ended: subprocess.CompletedProcess[bytes]) -> Message:
    try:
        found = read_json_file(answer)
        template, plural, context = (str(found[k]) for k in ("template", "plural", "context"))
        message = Message(template, dict(found["values"]), plural, context)
        state = str(found["state"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        raise StorageError(
            say(
                "The program broke off (exit code {code}; {said}). Install it again; if that does "
                "not help, call support.",
                code=ended.returncode,
                said=said[-1] if said else "–",
            )
        ) from error
    if state == "skipped":
        raise SkippedError(message)
    if state != "ok":
        raise StorageError(message)
    return message
