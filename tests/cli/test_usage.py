"""Wrong words: what was wrong and what to write, in both languages; help; the window's door."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deeprx_gui import window_start
from deeprx_gui.cli.commands import COMMANDS
from deeprx_gui.cli.display_width import display_width
from deeprx_gui.cli.main import build_parser
from tests.cli.conftest import Run, save_settings

_ARGPARSE = re.compile(r"usage:|error:|required|invalid|unrecognized|expected|argument|positional")

_ENGLISH = re.compile(r"[a-z]{3,} [a-z]{3,} [a-z]{3,}")

WRONG = [
    ([], "Say what to do", "何をするか"),
    (["scroe", "x"], "Did you mean “score”?", "「score」ではありませんか"),
    (["frobnicate"], "Choose one of: demo, fit", "次の中から選んでください：demo, fit"),
    (["profiles"], "a command behind “deeprx profiles”", "「deeprx profiles」の後に"),
    (["profiles", "lst"], "Did you mean “list”?", "「list」ではありませんか"),
    (["fit"], "NAME is missing", "NAME（品種プロファイルの名前）がありません"),
    (["fit", "x"], "IMAGES is missing: normal images", "IMAGES（正常画像"),
    (["fit", "x", "a", "--sise", "3"], "Did you mean “--size”?", "「--size」ではありませんか"),
    (["fit", "x", "a", "--frob"], "There is no option “--frob”", "「--frob」というオプション"),
    (["--frob", "fit", "x", "a"], "There is no option “--frob”", "「--frob」というオプション"),
    (["fit", "x", "a", "-j"], "There is no option “-j”", "「-j」というオプション"),
    (["fit", "x", "a", "--js"], "Did you mean “--json”?", "「--json」ではありませんか"),
    (["fit", "x", "a", "--size"], "Write a value behind --size", "--size の後に値"),
    (["fit", "x", "a", "--size", "big"], "--size: “big” is not possible", "--size：「big」"),
    (["fit", "x", "a", "--size", "31"], "a whole number, 32 or more", "32 以上の整数"),
    (["fit", "x", "a", "--sigma", "nan"], "a number from 0 to 10", "0～10 の数値"),
    (["fit", "x", "a", "--taps", "8;16"], "for example 8,16", "例：8,16"),
    (["fit", "x", "a", "--false-call-rate", "5"], "from 0 to 1", "0～1 の数値"),
    (["fit", "x", "a", "--backbone", "resnet81"], "resnet18, resnet50", "resnet18, resnet50"),
    (["fit", "x", "a", "--json=1"], "Write just --json", "--json とだけ"),
    (["fit", "x", ""], "A path is empty", "パスが空です"),
    (["score", "x", "a", "--csv", " "], "--csv: A path is empty", "--csv：パスが空"),
    (["profiles", "show", "Solar", "cells"], '"Solar cells"', '"Solar cells"'),
    (["profiles", "rollback", "x", "three"], "Write it as 3 or as r0003", "3 または r0003"),
    (["profiles", "diff", "x", "1"], "NEW is missing", "NEW（版の番号"),
    (["evaluate", "x", "--normals", "-3"], "--normals: “-3”", "--normals：「-3」"),
    (["--lang", "fr", "fit"], "Choose one of: en, ja", ""),
]


@pytest.mark.parametrize(("words", "english", "japanese"), WRONG, ids=lambda v: str(v)[:30])
def test_wrong_words_get_a_sentence_in_both_languages(
    run: Run, data_dir: Path, words: list[str], english: str, japanese: str
) -> None:
    ran = run(*words)
    assert ran.code == 2
    assert ran.out == ""
    assert english in ran.err
    assert "Usage: deeprx" in ran.err
    assert not _ARGPARSE.search(ran.err.replace("Usage:", ""))
    if japanese:
        ran = run("--lang", "ja", *words)
        assert ran.code == 2
        assert japanese in ran.err
        assert "使い方： deeprx" in ran.err
        assert "Help:" not in ran.err
    assert not list(data_dir.iterdir()), "a mistyped command leaves nothing behind"


def test_with_json_an_error_is_one_object(run: Run) -> None:
    ran = run("fit", "x", "--json")
    assert ran.code == 2
    assert ran.json == {"error": ran.err.splitlines()[0], "kind": "usage"}


def test_the_preferred_language_speaks_also_about_mistakes(run: Run, data_dir: Path) -> None:
    save_settings(data_dir, language="ja")
    assert "IMAGES（正常画像" in run("fit", "x").err
    assert "IMAGES is missing" in run("fit", "x", "--lang", "en").err
    assert "IMAGES is missing" in run("--lang=en", "fit", "x").err


@pytest.mark.parametrize("language", ["en", "ja"])
def test_every_help_page_fits_the_terminal_and_the_language(run: Run, language: str) -> None:
    verbs = {"profiles": ("list", "diff", "import"), "backbones": ("fetch",)}
    pages = [[name] for name in COMMANDS]
    pages += [[name, verb] for name, more in verbs.items() for verb in more]
    for words in ([], *pages):
        ran = run(*words, "--help", "--lang", language)
        assert (ran.code, ran.err) == (0, "")
        assert all(display_width(line) <= 80 for line in ran.out.splitlines())
        assert ran.out.startswith("Usage: deeprx" if language == "en" else "使い方： deeprx")
        assert "--data-dir DIR" in ran.out
        assert not re.search("usage:|positional|show this help message", ran.out)
        if language == "ja":
            assert not _ENGLISH.search("".join(ran.out.partition("例：")[0].splitlines()[1:]))
    assert "--why" in run("fit", "-h").out


def test_every_argument_is_explained() -> None:
    for name in COMMANDS:
        waiting = [build_parser(name).commands[name]]
        while waiting:
            parser = waiting.pop()
            waiting += parser.commands.values()
            for argument in parser.arguments:
                assert argument.help, f"{parser.prog} {argument.dest}"


def test_options_may_stand_anywhere(run: Run, home: Path, tmp_path: Path) -> None:
    """Before the command, behind it, between its words; images behind options count too."""
    empty = tmp_path / "empty"
    assert "Bracket" not in run("--data-dir", empty, "profiles", "list").out
    assert "Bracket" not in run("profiles", "--data-dir", empty, "list").out
    assert "Bracket" not in run("profiles", "list", f"--data-dir={empty}").out
    assert "Bracket" in run("--data-dir", empty, "profiles", "list", "--data-dir", home).out
    assert "名前" in run("--lang", "ja", "profiles", "list").out
    assert "名前" in run("profiles", "list", "--lang", "ja").out
    ran = run("fit", "x", tmp_path / "a.png", "--size", "64", tmp_path / "b.png")
    assert "a.png is not there" in ran.err
    ran = run("fit", "x", "--", "-a.png")
    assert "-a.png is not there" in ran.err


def test_version(run: Run) -> None:
    ran = run("--version")
    assert ran.code == 0
    assert re.fullmatch(r"Deep RX Inspector \d+\.\d+\.\d+\n", ran.out)


def test_a_name_that_is_nearly_right_is_recognised(run: Run, home: Path, parts: Path) -> None:
    assert "Did you mean “Bracket”?" in run("score", "braket", parts).err
    assert "Did you mean “Bracket”?" in run("profiles", "show", "BRA").err
    ran = run("score", parts, parts)
    assert "file or folder, not a profile" in ran.err
    assert "Profiles on this PC: Bracket" in ran.err
    assert "Choose one of: Bracket" in run("profiles", "verify", "washer").err
    ran = run("--data-dir", parts / "nowhere", "score", "Bracket", parts, "--json")
    assert (ran.code, ran.json["kind"]) == (2, "request")
    assert "deeprx fit" in ran.json["error"]


class TestWindowsDoor:
    """``deeprx-gui``: the window, or the command line when there is a command."""

    @pytest.fixture(autouse=True)
    def _no_window(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("deeprx_gui.app.run", self._opened)
        self.opened: list[object] = []

    def _opened(self, *given: object, **more: object) -> int:
        self.opened += given
        return 0

    def _call(self, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
        code = window_start.main(words)
        out, err = capsys.readouterr()
        return code, out, err

    def test_opens_the_window(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        code, out, _ = self._call(capsys, "--data-dir", str(tmp_path), "--lang", "ja")
        assert (code, out) == (0, "")
        paths, settings = self.opened
        assert getattr(paths, "data") == tmp_path  # noqa: B009 - told as an object
        assert getattr(settings, "language") == "ja"  # noqa: B009

    def test_help_and_mistakes(self, capsys: pytest.CaptureFixture[str]) -> None:
        code, out, _ = self._call(capsys, "--help", "--lang", "ja")
        assert code == 0
        assert out.startswith("使い方： deeprx-gui")
        assert "「deeprx --help」" in out.replace("\n", " ")
        code, out, err = self._call(capsys, "--lnag", "ja")
        assert (code, out) == (2, "")
        assert "Did you mean “--lang”?" in err
        assert not self.opened

    def test_a_command_needs_no_window(
        self, capsys: pytest.CaptureFixture[str], home: Path
    ) -> None:
        code, out, _ = self._call(capsys, "--lang", "ja", "profiles", "list")
        assert code == 0
        assert "Bracket" in out
        assert self._call(capsys, "scroe")[0] == 2
        assert not self.opened
