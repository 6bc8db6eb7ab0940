"""What was left out or could not be used, told beside the answer and counted in it."""

from __future__ import annotations

from collections.abc import Iterable

from deeprx_gui.cli.output import print_note
from deeprx_gui.domain.fit import SkippedImage
from deeprx_gui.domain.left_out import LeftOut, LeftOutCount, anything_unseen, count_left_out
from deeprx_gui.i18n import render, tr

EXIT_ERROR = 2


def tell_left_out(items: Iterable[LeftOut]) -> None:
    """Print one sentence per reason on standard error."""
    for count in count_left_out(items):
        print_note(render(count.text))


def exit_after(items: Iterable[LeftOut], code: int = 0) -> int:
    """Return ``code``, or 2 where something could not be opened: one rule for every command."""
    return EXIT_ERROR if anything_unseen(items) else code


def tell_skipped(images: Iterable[SkippedImage]) -> None:
    """Print a line on standard error for each picture that could not be used."""
    for image in images:
        print_note(tr("Not used: {path}: {reason}", path=image.path, reason=render(image.reason)))


def skipped_as_json(images: Iterable[SkippedImage]) -> list[dict[str, object]]:
    """Return what ``--json`` says about pictures that could not be used."""
    return [{"path": str(image.path), "reason": render(image.reason)} for image in images]


def left_out_as_json(counts: Iterable[LeftOutCount]) -> list[dict[str, object]]:
    """Return what ``--json`` says about what was left out: how many, by reason, in words too."""
    return [
        {"reason": each.reason.value, "count": each.count, "text": render(each.text)}
        for each in counts
    ]
