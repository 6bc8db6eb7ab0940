"""Every sentence has a Japanese translation, and the gate that says so works."""

from __future__ import annotations

import gettext  # noqa: TID251 - reads the compiled file as the program does
import io
from pathlib import Path

import pytest

import translate
import translation_catalogue

ROOT = Path(__file__).resolve().parents[1]
_SAY = "from deeprx_gui.domain.message import say, say_n\n"
_HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def test_the_program_is_translated() -> None:
    found = translate.problems(ROOT)
    assert not found, "\n" + "\n".join(found)


class Checkout:
    """A small checkout in a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.fragments = root / "resources" / "i18n" / "ja"
        self.fragments.mkdir(parents=True)
        (root / "deeprx_gui").mkdir()

    def source(self, code: str, name: str = "part.py") -> None:
        (self.root / "deeprx_gui" / name).write_text(_SAY + code, encoding="utf-8")

    def fragment(self, entries: str, name: str = "part.po") -> None:
        (self.fragments / name).write_text(_HEADER + entries, encoding="utf-8")

    def problems(self) -> list[str]:
        (self.fragments.parent / "ja.mo").write_bytes(
            translation_catalogue.compile_catalogue(
                translation_catalogue.read_catalogue(self.fragments)
            )
        )
        return translate.problems(self.root)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


_GOOD = 'msgid "Add {n} images."\nmsgstr "画像を{n}枚追加してください。"\n'


def test_a_translated_sentence_passes(checkout: Checkout) -> None:
    checkout.source('say("Add {n} "\n    "images.", n=3)\n')
    checkout.fragment(_GOOD)
    assert checkout.problems() == []


def test_a_counting_sentence_passes(checkout: Checkout) -> None:
    checkout.source('say_n("{n} image", "{n} images", n=3)\n')
    checkout.fragment('msgid "{n} image"\nmsgid_plural "{n} images"\nmsgstr[0] "画像 {n} 枚"\n')
    assert checkout.problems() == []


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ('say(f"Add {3} images.")', "one string literal"),
        ('say("Add " + "images.")', "one string literal"),
        ('say("Add {}.".format(3))', "one string literal"),
        ('say("Add {n} images.", 3)', "one string literal"),
        ('say_n("{n} image", n=1)', "two string literals"),
        ("text = 'x'\nsay(text)", "one string literal"),
        ('say("Add {n} images.")', "no value for n"),
        ('say("Add {n} images.", n=1, m=2)', "has no place for m"),
        ('say("Add {n images.", n=1)', "expected '}'"),
        ('say(" Add")', "no blanks around"),
        ('say("Add …")', "no blank before …"),
        ('self.tr("Add")', "not a method called tr"),
        ('Message("Add")', "with say(...)"),
        ('Message(f"Add {1}")', "with say(...)"),
        ("from deeprx_gui.i18n import tr as _", "under its own name"),
        ("def broken(:", "cannot be parsed"),
    ],
)
def test_a_sentence_that_cannot_be_found_at_run_time_fails(
    checkout: Checkout, code: str, says: str
) -> None:
    checkout.source(code)
    assert any(says in problem for problem in checkout.problems()), checkout.problems()


@pytest.mark.parametrize(
    ("entries", "says"),
    [
        ("", "part.py:2: no ja translation of 'Add {n} images.'"),
        (_GOOD + '\nmsgid "Old."\nmsgstr "古い。"\n', "no longer in the source"),
        (_GOOD + '\n#~ msgid "Old."\n#~ msgstr "古い。"\n', "obsolete"),
        (_GOOD.replace("{n}枚", "{m}枚"), "['m'] where"),
        (_GOOD.replace("{n}枚", "{n枚"), "expected '}'"),
        ("#, fuzzy\n" + _GOOD, "fuzzy"),
        ('msgid "Add {n} images."\nmsgstr ""\n', "not translated"),
        (_GOOD.replace("。", ""), "must end in one of '。'"),
        (_GOOD.replace("画像を", "ｶﾞｿﾞｳを"), "full width"),
        (_GOOD.replace("画像を", "閾値を"), "しきい値 instead of 閾値"),
        ('msgid "Add {n} images."\nmsgstr "Add {n} images。"\n', "without Japanese"),
        ("msgid broken\n", "cannot be read"),
        ('msgid "Add {n} images."\nmsgid_plural "x"\nmsgstr[0] "画像{n}。"\n', "plural is"),
    ],
)
def test_a_bad_translation_fails(checkout: Checkout, entries: str, says: str) -> None:
    checkout.source('say("Add {n} images.", n=3)\n')
    checkout.fragment(entries)
    assert any(says in problem for problem in checkout.problems()), checkout.problems()


def test_the_same_sentence_in_two_fragments_fails(checkout: Checkout) -> None:
    checkout.source('say("Add {n} images.", n=3)\n')
    checkout.fragment(_GOOD)
    checkout.fragment(_GOOD, "other.po")
    assert any("already in ja/other.po" in problem for problem in checkout.problems())


def test_the_ends_of_both_sentences_agree(checkout: Checkout) -> None:
    checkout.source('say("Choose files…")\nsay("Wait...")\nsay("Label")\n')
    checkout.fragment(
        'msgid "Choose files…"\nmsgstr "ファイルを選ぶ"\n\n'
        'msgid "Wait..."\nmsgstr "お待ちください…"\n\n'
        'msgid "Label"\nmsgstr "ラベルです。"\n'
    )
    found = "\n".join(checkout.problems())
    assert "must end in one of '…'" in found
    assert "instead of three dots" in found
    assert "'Label' is no sentence" in found


def test_a_compiled_file_that_is_old_or_missing_fails(checkout: Checkout) -> None:
    checkout.source('say("Add {n} images.", n=3)\n')
    checkout.fragment(_GOOD)
    assert translate.problems(checkout.root) == [
        "ja.mo: missing; run: python packaging/translate.py"
    ]
    assert checkout.problems() == []
    checkout.fragment(_GOOD.replace("追加", "用意"))
    assert translate.problems(checkout.root) == [
        "ja.mo: older than its fragments; run: python packaging/translate.py"
    ]


def test_the_verbs(checkout: Checkout, capsys: pytest.CaptureFixture[str]) -> None:
    checkout.source('say_n("{n} image", "{n} images", n=3)\nsay("Say “{x}”: \\"a\\"", x=1)\n')
    assert translate.main(["--check"], checkout.root) == 1
    assert "2 problem(s)" not in capsys.readouterr().err  # two missing and no compiled file

    assert translate.main(["--missing"], checkout.root) == 0
    stubs = capsys.readouterr().out
    assert stubs.startswith("# ---- deeprx_gui/part.py (2)\n")
    checkout.fragment(stubs.replace('msgstr[0] ""', 'msgstr[0] "画像 {n} 枚"'))
    assert 'msgid "Say “{x}”: \\"a\\""' in stubs

    checkout.fragment(
        stubs.replace('msgstr[0] ""', 'msgstr[0] "画像 {n} 枚"').replace(
            'msgstr ""', 'msgstr "「{x}」: a"'
        )
    )
    assert translate.main([], checkout.root) == 0
    assert translate.main(["--check"], checkout.root) == 0
    assert translate.main(["--missing"], checkout.root) == 0
    compiled = (checkout.fragments.parent / "ja.mo").read_bytes()
    japanese = gettext.GNUTranslations(io.BytesIO(compiled))
    assert japanese.ngettext("{n} image", "{n} images", 1) == "画像 {n} 枚"
    assert japanese.ngettext("{n} image", "{n} images", 2) == "画像 {n} 枚"


_TWO_MEANINGS = """
msgid "Time"
msgstr "日時"

msgctxt "a span of days"
msgid "Time"
msgstr "期間"
"""


def test_one_english_word_has_two_japanese_ones(checkout: Checkout) -> None:
    code = 'say("Time")\ntr_p("a span of days", "Time")\n'
    checkout.source(code)
    checkout.fragment(_TWO_MEANINGS)
    assert checkout.problems() == []
    japanese = gettext.GNUTranslations(
        io.BytesIO((checkout.fragments.parent / "ja.mo").read_bytes())
    )
    assert japanese.gettext("Time") == "日時"
    assert japanese.pgettext("a span of days", "Time") == "期間"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ('say("Time")', "'Time' (a span of days) is no longer in the source"),
        ('say("Time")\nsay_p("of a clock", "Time")', "no ja translation of 'Time' (of a clock)"),
        ('say_p("Time")', "two string literals"),
        ('say_p("a span of days", "Time {n}")', "no value for n"),
    ],
)
def test_a_context_is_looked_after_like_its_sentence(
    checkout: Checkout, code: str, says: str
) -> None:
    checkout.source(code + "\n")
    checkout.fragment(_TWO_MEANINGS)
    assert any(says in problem for problem in checkout.problems()), checkout.problems()


def test_a_missing_context_is_printed_with_its_sentence(checkout: Checkout) -> None:
    checkout.source('say_p("a span of days", "Time")\n')
    assert 'msgctxt "a span of days"\nmsgid "Time"\nmsgstr ""' in translate.missing(checkout.root)
