"""Photograph every page: ``python packaging/screenshots.py [--out DIR] [--only NAME]``.

Learns the sample images for real in a temporary data folder, drives the real window without a
screen, in Japanese and English, light and dark, and writes PNG files. Needs the package
``elpv-dataset`` and, for Japanese, a font such as ``fonts-noto-cjk``.
"""

from __future__ import annotations

import argparse
import itertools
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from PySide6.QtCore import QPoint  # noqa: E402

from deeprx_gui.domain.profile import DetectorChoice  # noqa: E402
from deeprx_gui.domain.view import Region, Shape, ShapeKind  # noqa: E402
from deeprx_gui.ui.picture.region_canvas import Tool  # noqa: E402
from deeprx_gui.ui.picture.region_geometry import Role, ShapeRef  # noqa: E402
from scenes_several import SEVERAL, several_scenes  # noqa: E402
from screenshot_file import write_png  # noqa: E402

if TYPE_CHECKING:
    from deeprx_gui.app import Program
    from deeprx_gui.paths import Paths
    from deeprx_gui.settings import Settings

SIZE = (1280, 800)
DOUBLE_SIZE = (960, 540)
PATIENCE_S = 600
CALM_MS = 400
THEMES = ("light", "dark")
WORDS = {
    "ja": ("佐藤", "鈴木", *(f"太陽電池セル {x}" for x in "ABC"), "過検出を減らすため"),
    "en": ("Sato", "Suzuki", *(f"Solar cell {x}" for x in "ABC"), "Fewer false calls"),
}
"""Who works here, who at another PC, three product names, and why the limits were moved."""


REGION = Region(
    (Shape(ShapeKind.RECTANGLE, ((0.04, 0.04), (0.96, 0.96))),),
    (Shape(ShapeKind.POLYGON, ((0.1, 0.43), (0.9, 0.43), (0.9, 0.57), (0.1, 0.57))),),
)
"""The cell without its frame, and without the middle conductor."""


def main() -> int:
    """Take the pictures; returns the exit code."""
    parser = argparse.ArgumentParser(description="Photograph every page of the window.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--only", default="", help="only pictures whose name contains one of these")
    parser.add_argument("--language", choices=tuple(WORDS), help="only this language")
    parser.add_argument("--data", type=Path, help="keep the data here and learn only once")
    parser.add_argument("--size", type=_size, default=SIZE, help="of the window, as 1366x768")
    parser.add_argument("--more", type=_size, nargs="*", default=[], help="further sizes, light")
    parser.add_argument("--quick", action="store_true", help="light, in both languages at once")
    parser.add_argument("--double", action="store_true", help="one picture at 200 %% scaling")
    args = parser.parse_args()
    if args.language is None:
        return _one_process_each(args)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if args.double:
        os.environ["QT_SCALE_FACTOR"] = "2"
    args.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        data = (args.data or Path(folder)) / args.language
        Session(data, args, double=args.double).run()
    return 0


def _size(text: str) -> tuple[int, int]:
    """Read ``1366x768``; raises ValueError."""
    width, height = text.split("x")
    return int(width), int(height)


def _one_process_each(args: argparse.Namespace) -> int:
    """Qt allows one application and one scale per process."""
    with tempfile.TemporaryDirectory() as folder:
        common = ["--out", str(args.out), "--data", str(args.data or folder)]
        common += ["--only", args.only] if args.only else []
        common += ["--size", "{}x{}".format(*args.size)]
        common += ["--more", *("{}x{}".format(*size) for size in args.more)] if args.more else []
        runs = [["--language", language] for language in WORDS]
        runs += [["--language", "ja", "--double"]]
        codes = [
            subprocess.run([sys.executable, __file__, *run, *common], check=False).returncode
            for run in runs
        ]
    return max(codes)


class Session:
    """One run of the program with its camera."""

    def __init__(self, data: Path, args: argparse.Namespace, *, double: bool) -> None:
        from PySide6.QtWidgets import QApplication

        from deeprx_gui.paths import Paths
        from deeprx_gui.settings import Settings

        self._out, self._double = args.out, double
        self._only = tuple(args.only.split(","))
        self._size, self._more = DOUBLE_SIZE if double else args.size, args.more
        self._also = tuple(WORDS) if args.quick else (args.language,)
        self._language = language = args.language
        self._who, self._colleague, *names, self._why = WORDS[language]
        self._name, self._second, self._third = names
        self._app = QApplication(sys.argv[:1])
        self._settings = Settings(language=language, theme="light", operator=self._who)
        self._begin(Paths(data))

    def run(self) -> None:
        """Drive the window from the first start to a checked profile."""
        if self._double:
            self._double_size()
        elif all(part.startswith(SEVERAL) for part in self._only):
            self._learn()
            several_scenes(self, self._language)
        else:
            self._story()
        self._end()

    def _begin(self, paths: Paths) -> None:
        from deeprx_gui.app import Program
        from deeprx_gui.controllers.shared_services import make_services

        self.program: Program = Program(self._app, make_services(paths), self._settings)
        self.program.start()
        self.program.window.resize(*self._size)
        self.settle()

    def _end(self) -> None:
        self.program.window.let_close()
        if not self.program.stop():
            raise SystemExit("a job did not end")
        self.program.window.deleteLater()
        self.program.deleteLater()

    def restart(self, paths: Paths) -> None:
        """End the program and start another one over a data folder."""
        self._end()
        self._begin(paths)

    def _double_size(self) -> None:
        self._learn()
        self.shoot("teach-learned-200-percent", themes=THEMES[:1])

    def _story(self) -> None:
        from scenes_profiles import profile_scenes, sheet_scenes

        self.shoot("profiles-empty")
        self.program.window.show_page(1)
        self.shoot("teach-empty")
        self._fill_tray()
        self.shoot("teach-filled")
        self._open_all_settings()
        self._region()
        self._placement()
        self._learn(filled=True)
        self.shoot("teach-learned")
        self._limit()
        self._learn_again()
        self._check()
        self._more_scenes()
        self._compare()
        profile_scenes(self, self._second, self._third, self._colleague)
        sheet_scenes(self)
        several_scenes(self, self._language)

    def _fill_tray(self) -> None:
        from deeprx_gui.capture.samples import elpv_dataset, sample_dataset

        # One defective cell among the good ones, so that the program has something to point at.
        bad = next(t.path for t in elpv_dataset().test_bad if t.path.name == "cell0448.png")
        self.program.window.show_page(1)
        self.program.teach_controller.add((*sample_dataset(normals=49).train, bad))
        self.wait(lambda: len(self.program.tray.images) == 50)
        self.program.teach_page.target.start_new(self._name)
        self.program.teach_page.target.changed.emit()
        self.settle()

    def _open_all_settings(self) -> None:
        expander = self.program.teach_page.form.expander
        expander.set_open(True)
        self.calm()
        side = self.program.teach_page.side
        side.verticalScrollBar().setValue(expander.mapTo(side.widget(), QPoint(0, 0)).y())
        self.shoot("teach-all-settings", themes=THEMES[:1])
        self._detector_settings()
        expander.set_open(False)
        side.verticalScrollBar().setValue(0)

    def _detector_settings(self) -> None:
        page = self.program.teach_page
        before = page.form.settings
        page.set_settings(replace(before, detector=DetectorChoice("padim")))
        page.form.detector.own.set_open(True)
        self.calm()
        page.side.ensureWidgetVisible(page.form.detector.reset)
        self.shoot("teach-detector-settings")
        page.form.detector.own.set_open(False)
        page.set_settings(before)

    def _region(self) -> None:
        page = self.program.teach_page
        page.view_field.edit.click()
        self.settle()
        draft = page.draft
        draft.set_region(REGION)
        page.editor.select_tool(Tool.SELECT)
        page.editor.select(ShapeRef(Role.IGNORE, 0))
        self.shoot("teach-region")
        page.show_tray()
        self.shoot("teach-region-chosen", themes=THEMES[:1])
        while draft.undo_stack.canUndo():
            draft.undo_stack.undo()

    def _placement(self) -> None:
        from scenes_teach import doctor_scene, large_scene, placement_scene

        for scene in (large_scene, placement_scene, doctor_scene):
            scene(self)

    def _compare(self) -> None:
        page = self.program.teach_page
        self.program.window.show_page(1)
        page.compare_button.click()
        self.settle()
        self.shoot("teach-compare")
        if not self.wanted("teach-compared"):
            page.show_tray()
            return
        page.compare.start.click()
        self.wait(lambda: any(c.measured is not None for c in page.compare.model.rows))
        self.shoot("teach-comparing", themes=THEMES[:1])
        self.settle()
        self.shoot("teach-compared")
        page.show_tray()

    def _learn(self, *, filled: bool = False) -> None:
        if self.program.profiles.rowCount():
            used = max(self.program.profiles.cards, key=lambda card: card.revisions)
            self.program.profiles_controller.open_profile(used.id)
            self.wait(lambda: self.program.session.profile is not None)
            self.settle()
            self._show_lesson()
            return
        if not filled:
            self._fill_tray()
        page = self.program.teach_page
        page.run_main()
        self.wait(lambda: page.strip.progress is not None and page.strip.progress.done > 12)
        if filled:
            self.shoot("teach-learning", themes=THEMES[:1])
        self.wait(lambda: self.program.session.profile is not None)
        self.settle()

    def _limit(self) -> None:
        from scenes_limit import SEES, limit_scene, sees_scene

        limit_scene(self)
        if any(part in SEES for part in self._only if part):
            sees_scene(self)

    def _learn_again(self) -> None:
        page, session = self.program.teach_page, self.program.session
        if not self.program.tray.suspects:
            return
        page.lesson.again.click()
        self.wait(lambda: session.profile is not None and session.profile.revision == 2)
        self.settle()
        self.shoot("teach-learned-again", themes=THEMES[:1])

    def _show_lesson(self) -> None:
        from deeprx_gui.controllers.job_service import runtime_title
        from deeprx_gui.domain.fit import FitOutcome

        profile = self.program.session.profile
        if profile is not None:
            self.program.teach_page.show_lesson(
                FitOutcome(profile, (), 8.4, runtime_title(profile.origin.runtime))
            )
            self.program.window.show_page(1)

    def _check(self) -> None:
        from deeprx_gui.capture.samples import sample_dataset
        from deeprx_gui.domain.scored import Label, PendingImage
        from scenes_limit import moved_limits_scene

        self.program.window.show_page(2)
        self.shoot("check-empty")
        test = sample_dataset(normals=50, unseen_good=60, unseen_bad=40).test
        items = tuple(PendingImage(t.path, Label.BAD if t.bad else Label.GOOD) for t in test)
        self.program.check_controller.score(items)
        self.wait(lambda: self.program.results.rowCount() == len(items))
        self.settle()
        self.shoot("check-results")
        self._set_limits()
        moved_limits_scene(self, self._why)

    def _more_scenes(self) -> None:
        from scenes_history import history_scenes
        from scenes_inspect import inspect_scenes

        history_scenes(self, self._who)
        inspect_scenes(self)

    def _set_limits(self) -> None:
        from scenes_check import result_scenes
        from scenes_limit import set_limits_scene

        result_scenes(self, self._language)
        set_limits_scene(self)

    # -- the camera ----------------------------------------------------------------------------

    def wanted(self, name: str) -> bool:
        """Whether a picture of this name is to be taken."""
        return any(part in name for part in self._only)

    def wants_of(self, group: str) -> bool:
        """Whether any picture whose name begins with ``group`` is to be taken."""
        return any(part in group or part.startswith(group) for part in self._only)

    def shoot(self, name: str, themes: tuple[str, ...] = THEMES, *, told: bool = False) -> None:
        """Write one picture per theme; ``told``: with what the foot of the window says."""
        if not self.wanted(name):
            return
        shown = themes[:1] if len(self._also) > 1 else themes
        for theme, language in itertools.product(shown, self._also):
            self._apply(replace(self._settings, theme=theme, language=language))
            if not told:
                self.program.window.status.clear()
            self._write(name, theme, language=language)
            for size in self._more if theme == THEMES[0] else ():
                self.program.window.resize(*size)
                self._write(name, theme, "-{}x{}".format(*size), language=language)
            if self._more:
                self.program.window.resize(*self._size)
        self._apply(self._settings)

    def _write(self, name: str, theme: str, size: str = "", *, language: str) -> None:
        self.calm()
        picture = self.program.window.grab().toImage()
        write_png(picture, self._out / f"{name}-{language}-{theme}{size}.png")

    def _apply(self, settings: Settings) -> None:
        self.program.window.settings_sheet.changed.emit(settings)
        self.program.window.settings_sheet.show_settings(settings)

    def wait(self, until: Callable[[], bool]) -> None:
        """Let the program work until something is so."""
        deadline = time.monotonic() + PATIENCE_S
        while not until():
            if time.monotonic() > deadline:
                raise SystemExit("the program did not get there in time")
            _turn(20)

    def settle(self) -> None:
        """Wait until nothing runs and all thumbnails are there."""
        jobs = self.program.job_service
        lanes = (jobs.engine, jobs.files, jobs.folders, jobs.pictures, jobs.thumbnails)
        self.calm()
        self.wait(lambda: not any(lane.busy for lane in lanes))
        self.calm()
        self.wait(lambda: not any(lane.busy for lane in lanes))

    def calm(self) -> None:
        """Let everything be painted."""
        _turn(CALM_MS * len(self._also))


def _turn(milliseconds: int) -> None:
    """Run the event loop for a while.

    ``QTest.qWait`` would hold the interpreter lock, and workers would stand still.
    """
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
