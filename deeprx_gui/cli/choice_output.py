"""What the program chose, for people and for programs."""

from __future__ import annotations

from deeprx_gui.cli.output import print_line, print_note
from deeprx_gui.domain.search import Chosen, doubt, why
from deeprx_gui.i18n import render


def choice_as_json(chosen: Chosen) -> dict[str, object]:
    """Return the choice with its sentence."""
    return {**chosen.to_raw(), "why": render(why(chosen))}


def print_choice(chosen: Chosen) -> None:
    """Print what was chosen and why, and whether that is not sure."""
    print_line(render(why(chosen)))
    unsure = doubt(chosen)
    if unsure is not None:
        print_note(render(unsure))
