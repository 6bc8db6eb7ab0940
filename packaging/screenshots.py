"""Photograph every page: ``python packaging/screenshots.py [--out DIR] [--only NAME]``.

Learns the sample images for real in a temporary data folder, drives the real window without a
screen, in Japanese and English, light and dark, and writes PNG files. Needs the package
``elpv-dataset`` and, for Japanese, a font such as ``fonts-noto-cjk``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from deeprx_gui.app import Program
    from deeprx_gui.settings import Settings

SIZE = (1280, 800)
PATIENCE_S = 600
CALM_MS = 400
LOOKS = (("ja", "light"), ("ja", "dark"), ("en", "light"), ("en", "dark"))


def main() -> int:
    """Take the pictures; returns the exit code."""
    parser = argparse.ArgumentParser(description="Photograph every page of the window.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--only", default="", help="only pictures whose name contains this")
    parser.add_argument("--data", type=Path, help="keep the data here and learn only once")
    parser.add_argument("--double", action="store_true", help="one picture at 200 %% scaling")
    args = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    args.out.mkdir(parents=True, exist_ok=True)
    if args.double:
        os.environ["QT_SCALE_FACTOR"] = "2"
    with tempfile.TemporaryDirectory() as folder:
        data = args.data or Path(folder)
        Session(data, args.out, args.only, double=args.double).run()
    if not args.double and not args.only:
        import subprocess

        command = [sys.executable, __file__, "--double", "--out", str(args.out)]
        command += ["--data", str(args.data)] if args.data else []
        return subprocess.run(command, check=False).returncode
    return 0


class Session:
    """One run of the program with its camera."""

    def __init__(self, data: Path, out: Path, only: str, *, double: bool) -> None:
        from PySide6.QtWidgets import QApplication

        from deeprx_gui.app import Program
        from deeprx_gui.engine.backbones.library import BackboneLibrary
        from deeprx_gui.engine.engines import Engines
        from deeprx_gui.paths import Paths
        from deeprx_gui.profiles.store import ProfileStore
        from deeprx_gui.settings import Settings
        from deeprx_gui.workbench.bench import Services

        self._out, self._only, self._double = out, only, double
        self._app = QApplication(sys.argv[:1])
        paths = Paths(data)
        library = BackboneLibrary(paths.backbones)
        services = Services(paths, ProfileStore(paths.profiles), library, Engines(library))
        settings = Settings(language="ja", theme="light", operator="佐藤")
        self.program: Program = Program(self._app, services, settings)
        self._settings = settings

    def run(self) -> None:
        """Drive the window from the first start to a checked profile."""
        program = self.program
        program.start()
        program.window.resize(*((960, 540) if self._double else SIZE))
        self.settle()
        if self._double:
            self._double_size()
        else:
            self._story()
        program.window.let_close()
        if not program.stop():
            raise SystemExit("a job did not end")

    def _double_size(self) -> None:
        self._learn()
        self.shoot("teach-learned-200-percent", looks=LOOKS[:1])

    def _story(self) -> None:
        self.shoot("profiles-empty")
        self.program.window.show_page(1)
        self.shoot("teach-empty")
        self._fill_tray()
        self.shoot("teach-filled")
        self._open_all_settings()
        self._learn(filled=True)
        self.shoot("teach-learned")
        self._check()
        self._profiles()
        self._sheets()

    def _fill_tray(self) -> None:
        from deeprx_gui.capture.samples import elpv_dataset, sample_dataset

        # One defective cell among the good ones, so that the program has something to point at.
        bad = next(t.path for t in elpv_dataset().test_bad if t.path.name == "cell0448.png")
        self.program.window.show_page(1)
        self.program.teach_desk.add((*sample_dataset(normals=49).train, bad))
        self.wait(lambda: len(self.program.tray.images) == 50)
        self.program.teach_page.target.start_new("太陽電池セル A")
        self.program.teach_page.target.changed.emit()
        self.settle()

    def _open_all_settings(self) -> None:
        expander = self.program.teach_page.form.expander
        expander.set_open(True)
        self.shoot("teach-all-settings", looks=LOOKS[:1] + LOOKS[2:3])
        expander.set_open(False)

    def _learn(self, *, filled: bool = False) -> None:
        if self.program.profiles.rowCount():
            self.program.profiles_desk.open(self.program.profiles.cards[0].id)
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
            self.shoot("teach-learning", looks=LOOKS[:1] + LOOKS[2:3])
        self.wait(lambda: self.program.session.profile is not None)
        self.settle()

    def _show_lesson(self) -> None:
        from deeprx_gui.state.teach import Lesson

        profile = self.program.session.profile
        if profile is not None:
            self.program.teach_page.show_lesson(Lesson(profile, (), 8.4, "torch · CPU"))
            self.program.window.show_page(1)

    def _check(self) -> None:
        from deeprx_gui.capture.samples import sample_dataset
        from deeprx_gui.domain.scored import Label, ToScore

        self.program.window.show_page(2)
        self.shoot("check-empty")
        test = sample_dataset(normals=50, unseen_good=60, unseen_bad=40).test
        items = tuple(ToScore(t.path, Label.BAD if t.bad else Label.GOOD) for t in test)
        self.program.check_desk.score(items)
        self.wait(lambda: self.program.results.rowCount() == len(items))
        self.settle()
        self._select_worst()
        self.shoot("check-results")
        limits = self.program.session.limits
        if limits is not None:
            self.program.session.set_limits(
                limits.moved(ng=limits.ng * 1.12).moved(review=limits.review * 0.94)
            )
        self.shoot("check-limits-moved")
        self.program.bench.save_limits("過検出を減らすため")
        self.wait(lambda: not self.program.session.dirty)

    def _select_worst(self) -> None:
        page, rows = self.program.check_page, self.program.results.rows
        page.body.table.go_to(int(rows.values.argmax()))
        self.settle()

    def _profiles(self) -> None:
        program = self.program
        profile = program.session.profile
        if profile is None:
            raise SystemExit("nothing was learnt")
        if program.profiles.rowCount() == 1:
            program.profiles_desk.duplicate(profile.id, "太陽電池セル B")
            self.settle()
            program.profiles_desk.duplicate(profile.id, "太陽電池セル C")
            self.settle()
            _damage(program)
        program.profiles_desk.refresh()
        self.settle()
        program.window.show_page(0)
        program.profiles_page.view.select(profile.id)
        self.settle()
        self.shoot("profiles-history")
        broken = next(c for c in program.profiles.cards if c.problem is not None)
        program.profiles_page.view.select(broken.id)
        self.settle()
        self.shoot("profiles-damaged", looks=LOOKS[:1] + LOOKS[2:3])
        program.profiles_page.view.select(profile.id)

    def _sheets(self) -> None:
        window = self.program.window
        window.settings_sheet.open(window.header.settings)
        self.shoot("settings", looks=LOOKS[:1] + LOOKS[3:])
        window.settings_sheet.close_sheet()
        window.keys_sheet.open()
        self.shoot("keyboard", looks=LOOKS[:1] + LOOKS[2:3])
        window.keys_sheet.close_sheet()

    # -- the camera ----------------------------------------------------------------------------

    def shoot(self, name: str, looks: tuple[tuple[str, str], ...] = LOOKS) -> None:
        """Write one picture per language and theme."""
        if self._only not in name:
            return
        for language, theme in looks:
            with self._look(language, theme):
                self.program.window.status.clear()
                self.calm()
                picture = self.program.window.grab().toImage()
                _write_png(picture, self._out / f"{name}-{language}-{theme}.png")

    @contextmanager
    def _look(self, language: str, theme: str) -> Iterator[None]:
        before = self._settings
        self._apply(replace(before, language=language, theme=theme))
        yield
        self._apply(before)

    def _apply(self, settings: Settings) -> None:
        self.program.window.settings_changed.emit(settings)
        self.program.window.settings_sheet.show_settings(settings)

    def wait(self, until: Callable[[], bool]) -> None:
        """Let the program work until something is so."""
        from PySide6.QtTest import QTest

        deadline = time.monotonic() + PATIENCE_S
        while not until():
            if time.monotonic() > deadline:
                raise SystemExit("the program did not get there in time")
            QTest.qWait(20)

    def settle(self) -> None:
        """Wait until nothing runs and all thumbnails are there."""
        bench = self.program.bench
        lanes = (bench.engine, bench.files, bench.folders, bench.pictures, bench.thumbnails)
        self.calm()
        self.wait(lambda: not any(lane.busy for lane in lanes))
        self.calm()
        self.wait(lambda: not any(lane.busy for lane in lanes))

    def calm(self) -> None:
        """Let everything be painted."""
        from PySide6.QtTest import QTest

        QTest.qWait(CALM_MS)


def _damage(program: Program) -> None:
    """Flip bytes in the file of the last profile, as a dying disk would."""
    card = program.profiles.cards[-1]
    current = program.session.profile
    others = [c for c in program.profiles.cards if current is None or c.id != current.id]
    card = others[-1]
    folder = program.bench.services.paths.profiles / card.id
    file = max(folder.glob("*.deeprx"))
    data = bytearray(file.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 64] = bytes(64)
    file.write_bytes(data)


def _write_png(picture: object, file: Path) -> None:
    """Write with a palette where that is invisible: a third of the size."""
    from PIL import Image
    from PySide6.QtGui import QImage

    if not isinstance(picture, QImage):
        raise TypeError(type(picture))
    rgb = picture.convertToFormat(QImage.Format.Format_RGB888)
    raw = bytes(rgb.constBits())
    size = (rgb.width(), rgb.height())
    image = Image.frombuffer("RGB", size, raw, "raw", "RGB", rgb.bytesPerLine(), 1)
    small = image.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small.save(file, optimize=True)
    print(f"{file.name}: {file.stat().st_size // 1024} KB")


if __name__ == "__main__":
    sys.exit(main())
