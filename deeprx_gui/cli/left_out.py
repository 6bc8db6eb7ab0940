"""What was left out, told beside the answer and counted in it."""

from __future__ import annotations

from collections.abc import Iterable

from deeprx_gui.cli.output import print_note
from deeprx_gui.domain.left_out import LeftOut, LeftOutCount, count_left_out
from deeprx_gui.i18n import render


def tell_left_out(items: Iterable[LeftOut]) -> None:
    """Print one sentence per reason on standard error."""
    for count in count_left_out(items):
        print_note(render(count.text))


def left_out_as_json(counts: Iterable[LeftOutCount]) -> list[dict[str, object]]:
    """Return what ``--json`` says about what was left out: how many, by reason, in words too."""
    return [
        {"reason": each.reason.value, "count": each.count, "text": render(each.text)}
        for each in counts
    ]
