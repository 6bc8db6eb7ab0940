"""The HTML report of a batch as a job."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import datetime
from pathlib import Path

from deeprx_gui.capture.decode import thumbnail
from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.progress import Progress
from deeprx_gui.domain.scored import ScoredImage
from deeprx_gui.results.report import BatchReport, write_report


def write_batch_report(
    file: Path,
    profile: Profile,
    results: Sequence[ScoredImage],
    limits: Limits,
    runtime: str = "",
    *,
    below: bool = False,
) -> Generator[Progress, None, Path]:
    """Write the report of scored pictures; raises StorageError when the file cannot be written.

    ``below``: its heat maps show what lies below the limit, too.
    """
    yield Progress(0, 1, say("Writing the report"))
    made = datetime.now().astimezone()
    write_report(file, BatchReport(profile, limits, results, made, runtime, thumbnail, below))
    return file
