"""Text in cells, letters an old console does not know, and the progress line."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from deeprx_gui.cli import progress
from deeprx_gui.cli.display_width import display_width, shorten_to_width, table, wrap_to_width
from deeprx_gui.cli.path_display import below_common_folder
from deeprx_gui.cli.progress import drive
from deeprx_gui.cli.streams import configure_streams
from deeprx_gui.domain.message import say
from deeprx_gui.domain.progress import Progress
from tests.cli.conftest import Run

_SENTENCE = "画像を確認し、良品でなければ、除いて学習し直してください。deep-rx を使います。"


def test_a_japanese_letter_is_two_cells_wide() -> None:
    assert display_width("OK 確認") == 7
    assert display_width("ガ") == display_width("カ\u3099"), (
        "a mark that joins its letter takes no cell"
    )
    assert list(table(("判定", "×"), [("OK", "1"), ("エラー", "2")])) == [
        "判定    ×",
        "OK      1",
        "エラー  2",
    ]


@pytest.mark.parametrize("width", [20, 21, 37, 60])
def test_lines_are_broken_between_letters_but_not_before_a_full_stop(width: int) -> None:
    lines = wrap_to_width(_SENTENCE, width)
    assert "".join(lines).replace(" ", "") == _SENTENCE.replace(" ", "")
    assert all(display_width(line) <= width + 2 for line in lines)
    assert not any(line[0] in "、。" for line in lines)
    assert sum("deep-rx" in line for line in lines) == 1, "a word stays whole"


def test_english_is_broken_at_blanks() -> None:
    assert wrap_to_width("one two three four", 9) == ["one two", "three", "four"]
    assert wrap_to_width("", 9) == [""]
    assert wrap_to_width("unbreakable", 5) == ["unbreakable"]


def test_a_text_is_cut_to_its_cells() -> None:
    assert shorten_to_width("確認する", 8) == "確認する"
    assert shorten_to_width("確認する", 7) == "確認す…"
    assert shorten_to_width("確認する", 6) == "確認…"
    assert shorten_to_width("abc", 0) == ""


def test_the_common_folder_is_said_once(tmp_path: Path) -> None:
    folder, names = below_common_folder([tmp_path / "a" / "1.png", tmp_path / "b" / "2.png"])
    assert folder == tmp_path
    assert names == [str(Path("a", "1.png")), str(Path("b", "2.png"))]
    assert below_common_folder([tmp_path / "1.png"]) == (tmp_path, ["1.png"])
    assert below_common_folder([]) == (None, [])
    top = Path(tmp_path.anchor)
    folder, names = below_common_folder([top / "x" / "1.png", top / "y" / "2.png"])
    assert folder is None
    assert names == [str(top / "x" / "1.png"), str(top / "y" / "2.png")]


def test_letters_a_console_does_not_know_become_plainer(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp437")
    monkeypatch.setattr(stream, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdout", stream)
    configure_streams()
    stream.write("“Bracket” – 1.04 × limit… \udcff 確")
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    assert stream.buffer.getvalue() == rb'"Bracket" - 1.04 x limit... \udcff \u78ba'


def _job(steps: int) -> Generator[Progress, None, str]:
    for done in range(1, steps + 1):
        yield Progress(done, steps, say("Scoring"), 12.3, done)
    yield Progress(1, 1, say("Saving…"))
    return "result"


class _Terminal(io.StringIO):
    encoding = "cp437"

    def isatty(self) -> bool:
        return True


def test_a_bar_never_wraps_and_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = _Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(progress, "_columns", lambda: 40)
    monkeypatch.setattr(progress, "_REDRAW_SECONDS", 0.0)
    items: list[object] = []
    assert drive(_job(3), items.append) == "result"
    assert items == [1, 2, 3]
    drawn = screen.getvalue().split("\r")
    assert drawn[1].startswith("█████████·")
    assert "Scoring" in drawn[1]
    assert all(display_width(line.rstrip()) < 40 for line in drawn)
    assert drawn[-2].strip() == ""
    assert drawn[-1] == ""


def test_without_a_terminal_each_phase_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    drive(_job(500))
    assert capsys.readouterr().err == "Scoring 0 % about 12 s left\nSaving…\n"


def test_a_job_that_is_left_is_closed() -> None:
    closed = []

    def job() -> Generator[Progress, None, None]:
        try:
            yield Progress(0, 2, say("Scoring"))
            raise KeyboardInterrupt
        finally:
            closed.append(True)

    with pytest.raises(KeyboardInterrupt):
        drive(job())
    assert closed == [True]


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (None, "Scoring 50 %"),
        (0.2, "Scoring 50 % almost done"),
        (89.0, "Scoring 50 % about 89 s left"),
        (600.0, "Scoring 50 % about 10 min left"),
    ],
)
def test_the_time_left(capsys: pytest.CaptureFixture[str], left: float | None, text: str) -> None:
    drive(iter_of(Progress(1, 2, say("Scoring"), left)))
    assert capsys.readouterr().err == f"{text}\n"


def iter_of(*reports: Progress) -> Generator[Progress, None, None]:
    yield from reports


def test_verbose_prints_the_diary(run: Run, home: Path) -> None:
    quiet = run("profiles", "list")
    assert quiet.err == ""
    (home / "settings.json").write_text("[]", encoding="utf-8")
    assert run("profiles", "list").err == ""
    assert "WARNING" in run("profiles", "list", "--verbose").err


def test_libraries_print_nothing_and_our_sentences_still_arrive() -> None:
    script = """if True:
        import io, os, sys
        import numpy as np
        from PIL import Image
        from deeprx_gui.capture.decode import decode_bytes
        from deeprx_gui.cli.streams import configure_streams, silence_libraries, write_aside
        configure_streams()
        silence_libraries()
        stream = io.BytesIO()
        Image.fromarray(np.tile(np.arange(96, dtype=np.uint8), (64, 1))).save(stream, "JPEG")
        data = stream.getvalue()
        for broken in (data[:-60] + data[-2:], data[:-2] + bytes(50) + data[-2:]):
            try:
                decode_bytes(broken, "x.jpg")
            except Exception:
                pass
        os.write(2, b"a library speaks")
        write_aside("部品 ours")
    """
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, timeout=200
    )
    assert done.stderr.decode() == "部品 ours"
