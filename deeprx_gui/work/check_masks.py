"""Whether the masks of a data set fit its pictures, seen before anything is measured."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from deeprx_gui.capture.dataset import Dataset, LabelledImage
from deeprx_gui.capture.masks import MaskMismatch, covers_the_rim, mask_for
from deeprx_gui.domain.arrays import Bools
from deeprx_gui.domain.errors import ImageError, RequestError
from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.progress import Progress
from deeprx_gui.work.eta import EtaEstimator


@dataclass(frozen=True)
class MaskRemarks:
    """What a person should know about the masks before believing the pixel figures."""

    remarks: tuple[Message, ...]


def mask_of(item: LabelledImage) -> Bools:
    """Return what the masks of a test picture mark; raises RequestError when they do not fit it."""
    try:
        return mask_for(item.path, item.masks)
    except MaskMismatch as error:
        raise RequestError(
            say(
                "The mask {mask} has another shape than its picture {path}. Turn or make it again, "
                "or take it away: without it the picture does not count for the pixel figures.",
                mask=str(item.mask),
                path=str(item.path),
            )
        ) from error
    except ImageError as error:
        raise RequestError(
            say("The mask of {path} cannot be used: {reason}", path=item.path, reason=error.message)
        ) from error


def check_masks(dataset: Dataset) -> Generator[Progress, None, MaskRemarks]:
    """Read every mask; raises RequestError for the first that cannot belong to its picture.

    The remarks are told as an item, too.
    """
    masked = [item for item in dataset.test if item.masks]
    pace = EtaEstimator(len(masked))
    empty = inverted = on_good = 0
    for item in masked:
        marked = mask_of(item)
        empty += item.bad and not marked.any()
        on_good += not item.bad and bool(marked.any())
        inverted += covers_the_rim(marked)
        yield pace.step(say("Looking at the masks"))
    missing = sum(item.bad and not item.masks for item in dataset.test) if masked else 0
    remarks = MaskRemarks(
        tuple(
            remark
            for count, remark in (
                (missing, _missing(missing)),
                (empty, _empty(empty)),
                (on_good, _on_good(on_good)),
                (inverted, _inverted(inverted)),
                (len(dataset.orphans), _orphans(len(dataset.orphans))),
            )
            if count
        )
    )
    yield Progress(len(masked), len(masked), say("Looking at the masks"), item=remarks)
    return remarks


def _missing(n: int) -> Message:
    return say_n(
        "{n} bad test picture has no mask: the pixel figures are without it.",
        "{n} bad test pictures have no mask: the pixel figures are without them.",
        n=n,
    )


def _empty(n: int) -> Message:
    return say_n(
        "{n} mask of a bad test picture marks nothing.",
        "{n} masks of bad test pictures mark nothing.",
        n=n,
    )


def _on_good(n: int) -> Message:
    return say_n(
        "{n} good test picture has a mask that marks a defect.",
        "{n} good test pictures have masks that mark defects.",
        n=n,
    )


def _inverted(n: int) -> Message:
    return say_n(
        "{n} mask marks most of its picture up to the rim. A defect must be white on black.",
        "{n} masks mark most of their pictures up to the rim. Defects must be white on black.",
        n=n,
    )


def _orphans(n: int) -> Message:
    return say_n(
        "{n} mask belongs to none of the test pictures.",
        "{n} masks belong to none of the test pictures.",
        n=n,
    )
