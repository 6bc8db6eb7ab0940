"""A folder of pictures, each judged once, in natural order; then it is over."""

from __future__ import annotations

from pathlib import Path

from deeprx_gui.capture.folder import search_images
from deeprx_gui.capture.sources.base import CaptureNumbering, Known, SourceEnded
from deeprx_gui.capture.sources.file_stamp import item_of
from deeprx_gui.capture.sources.image_files import check_folder, read_picture
from deeprx_gui.capture.sources.watch_news import WatchNews
from deeprx_gui.domain.errors import SourceError
from deeprx_gui.domain.field import Field, FieldKind, Options
from deeprx_gui.domain.frame import Frame
from deeprx_gui.domain.message import say
from deeprx_gui.domain.source import CapturedImage, SourceNews, SourceSpec

OPTIONS = (Field("once", say("Skip images already inspected"), FieldKind.SWITCH, default=False),)


class FolderSource:
    """A batch: every picture that is there when it is first opened, none lost.

    ``once``: pictures whose verdict is stored already are left out, so that a batch that was
    broken off goes on where it stopped; without it, every run judges everything again.
    """

    lossy = False

    def __init__(self, spec: SourceSpec, chosen: Options, known: Known) -> None:
        self.spec = spec
        self._folder = Path(spec.address)
        self._once = chosen.switch("once")
        self._known = known
        self._paths: tuple[Path, ...] | None = None
        self._next = 0
        self._arrivals = CaptureNumbering(spec.address)
        self._news = WatchNews(self._folder)

    def news(self) -> tuple[SourceNews, ...]:
        """Return what was left out when the folder was listed."""
        return self._news.take()

    def open(self) -> None:
        """List the pictures; later: see whether the folder is back. Raises RequestError."""
        if self._paths is None:
            found = search_images([self._folder])
            self._paths = tuple(image.path for image in found.images)
            self._news.left_out(found.left_out)
        else:
            check_folder(self._folder)

    def read(self, timeout: float) -> CapturedImage | None:  # noqa: ARG002 - a file never keeps waiting
        """Return the next picture; raises SourceEnded after the last."""
        if self._paths is None:
            raise SourceError(say("The source is not open. Start it first."))
        while self._next < len(self._paths):
            path = self._paths[self._next]
            item = item_of(path) if self._once else ""
            if item and self._known(item):
                self._next += 1
                continue
            found = read_picture(path, self._folder)
            self._next += 1
            if isinstance(found, Frame):
                return self._arrivals.frame(found, item=item, path=path)
            return self._arrivals.error(found.message, item=item, path=path)
        raise SourceEnded

    def done(self, captured: CapturedImage) -> None:
        """Nothing to do: the files stay where they are."""

    def close(self) -> None:
        """Nothing to let go of."""
