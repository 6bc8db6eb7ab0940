"""Files asked for beside the answer: what goes wrong with them must not lose the answer."""

from __future__ import annotations

from collections.abc import Callable

from deeprx_gui.cli.left_out import EXIT_ERROR
from deeprx_gui.cli.output import print_note
from deeprx_gui.domain.errors import StorageError
from deeprx_gui.i18n import render


class SideFiles:
    """Writes them one after the other until one fails; the answer is told all the same.

    ``problem``: why one could not be written, if so.
    """

    def __init__(self) -> None:
        self.problem: StorageError | None = None

    def write(self, step: Callable[[], object]) -> bool:
        """Do ``step``, which writes a file, unless one failed before; return whether it is done."""
        if self.problem is None:
            try:
                step()
            except StorageError as error:
                self.problem = error
        return self.problem is None

    def as_json(self) -> dict[str, object]:
        """Return what ``--json`` says beside the answer: nothing where all was written."""
        if self.problem is None:
            return {}
        return {"error": render(self.problem.message), "kind": "storage"}

    def exit_after(self, code: int) -> int:
        """Return ``code``; where a file could not be written say why, and return 2."""
        if self.problem is None:
            return code
        print_note(render(self.problem.message))
        return EXIT_ERROR
