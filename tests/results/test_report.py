"""The report: whole, self-contained, bounded, and harmless whatever the files are called."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import ImageError
from deeprx_gui.domain.limits import FittedTail, HeldOutScheme, Limits, Promise
from deeprx_gui.domain.marked_places import MOST_PLACES
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.domain.score import Score
from deeprx_gui.domain.scored import Label, ScoredImage
from deeprx_gui.domain.words import times_limit_text
from deeprx_gui.i18n import set_language
from deeprx_gui.results.page.labelled import clearly_more
from deeprx_gui.results.page.tables import MOST_ROWS, shared_folder
from deeprx_gui.results.report import BatchReport, report_html, write_report
from deeprx_gui.results.words import score_text, share_text
from tests.results.conftest import LIMITS, result

MADE = datetime(2025, 11, 23, 14, 5).astimezone()
VOID = {"meta", "img", "br", "rect", "line"}


class Page(HTMLParser):
    """Checks that every element is closed in order; keeps text, tags and attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(name)
        self.attributes += [(name, key, value or "") for key, value in attributes]
        assert len({key for key, _ in attributes}) == len(attributes)
        if name not in VOID:
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        if name not in VOID:
            assert self.open, f"</{name}> closes nothing"
            assert self.open.pop() == name

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and data.strip():
            self.words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def values(self, key: str) -> list[str]:
        return [value for _, k, value in self.attributes if k == key]


def plain(path: Path, side: int) -> ByteImage:
    return np.full((side // 2, side, 3), 120, np.uint8)


def page(profile: Profile, results: Iterable[ScoredImage], limits: Limits = LIMITS) -> Page:
    return Page(
        report_html(BatchReport(profile, limits, list(results), MADE, "torch on CPU", plain))
    )


@pytest.mark.parametrize("language", ["en", "ja"])
def test_it_is_well_formed_and_says_the_main_things(
    profile: Profile, batch: list[ScoredImage], language: str
) -> None:
    set_language(language)
    found = page(profile, batch)
    assert found.tags.count("h1") == 1
    assert found.values("lang") == [language]
    for words in ("ギア <A&B>", "2025-11-23 14:05", "3.10", "r0007", "deep-rx", "torch on CPU",
                  "Sato", "new lamp", "efficientnet-lite0"):  # fmt: skip
        assert words in found.text


def test_it_needs_nothing_else_and_runs_nothing(profile: Profile, batch: list[ScoredImage]) -> None:
    text = report_html(BatchReport(profile, LIMITS, batch, MADE, "cpu", plain))
    found = Page(text)
    assert not {"script", "link", "iframe", "object", "a", "form"} & set(found.tags)
    assert all(src.startswith("data:image/jpeg;base64,") for src in found.values("src"))
    assert not found.values("href")
    assert "http:" not in text
    assert "https:" not in text
    assert "url(" not in text
    assert "@import" not in text
    assert any("default-src 'none'" in value for value in found.values("content"))


def test_the_counts(profile: Profile, batch: list[ScoredImage]) -> None:
    text = page(profile, batch).text
    for words in ("6 Pictures", "2 OK 33%", "1 REVIEW 17%", "2 NG 33%", "1 ERROR 17%"):
        assert words in text


def test_the_promise_in_words(profile: Profile, batch: list[ScoredImage]) -> None:
    text = page(profile, batch).text
    assert "about 3.9% rank 2 of 50 held-out scores: 2 / (50 + 1)" in text
    assert "about 2.0% rank 1 of 50 held-out scores: 1 / (50 + 1)" in text
    assert "never by itself (leave-one-out)" in text
    assert "With 50 normal images no less than 2.0% can be promised. 49 more would" in text
    folds = dataclasses.replace(profile, held_out_scheme=HeldOutScheme.K_FOLD)
    assert "in groups" in page(folds, batch).text


def test_a_promise_from_a_fitted_tail_says_so_with_its_band(
    profile: Profile, batch: list[ScoredImage]
) -> None:
    tail = Promise(1, 50, FittedTail(0.02, "exponential", 0.004, 0.051))
    limits = dataclasses.replace(LIMITS, ng_promise=tail)
    text = page(profile, batch, limits).text
    assert (
        "curve through the highest of 50 held-out scores: 0.4% to 5.1% in nine of ten cases" in text
    )
    assert "about 2.0%" in text
    set_language("ja")
    try:
        assert "0.4%" in page(profile, batch, limits).text
    finally:
        set_language("en")


def test_a_limit_moved_by_hand_promises_nothing(profile: Profile, batch: list[ScoredImage]) -> None:
    text = page(profile, batch, Limits(10.0, 12.0)).text
    assert text.count("moved by hand, nothing is promised") == 2
    assert "normal images alone" not in text


def test_a_moved_limit_changes_no_score_of_the_report(
    profile: Profile, batch: list[ScoredImage]
) -> None:
    moved = page(profile, batch, Limits(8.0, 13.0)).text
    assert "1.30 × limit" in moved
    assert "OK ends at 0.80 × limit." in moved
    assert "REVIEW > 0.80" in moved
    assert "NG > 1.30" in moved
    assert "OK ends at 1.00 × limit." in page(profile, batch).text


def test_equal_limits_are_said_to_be_no_review_band(
    profile: Profile, batch: list[ScoredImage]
) -> None:
    assert "review band off" in page(profile, batch, Limits(11.0, 11.0)).text
    assert "review band off" not in page(profile, batch).text


def test_the_quiet_scale_below_the_limit_is_in_pictures_and_key(
    profile: Profile, batch: list[ScoredImage]
) -> None:
    quiet = report_html(BatchReport(profile, LIMITS, batch, MADE, "cpu", plain, below=True))
    usual = report_html(BatchReport(profile, LIMITS, batch, MADE, "cpu", plain))
    assert "blue: below the limit" in Page(quiet).text
    assert "no colour: below the limit" in Page(usual).text
    assert set(Page(quiet).values("src")) - set(Page(usual).values("src"))


def test_false_calls_and_misses_are_counted_and_shown(
    profile: Profile, batch: list[ScoredImage]
) -> None:
    text = page(profile, batch).text
    assert "False calls (good parts judged NG): 1 of 3, 33%." in text
    assert "Misses (bad parts judged OK): 1 of 2, 50%." in text
    assert "Misses: bad parts judged OK OK 0.80 × limit Bad missed.png" in text
    assert "False calls: good parts judged NG NG 1.30 × limit Good false call.png" in text
    assert "(AUROC 0.667)" in text


def test_more_false_calls_than_promised_are_pointed_out(profile: Profile) -> None:
    drifted = [result(f"{i}.png", 20.0, Label.GOOD) for i in range(10)]
    assert "clearly more than the promised 2.0%" in page(profile, drifted).text
    usual = [result(f"{i}.png", 20.0 if i == 0 else 5.0, Label.GOOD) for i in range(30)]
    assert "clearly more" not in page(profile, usual).text


@pytest.mark.parametrize(
    ("found", "parts", "rate", "more"),
    [(0, 10, 0.01, False), (1, 100, 0.01, False), (4, 100, 0.01, False), (5, 100, 0.01, True),
     (1, 1, 0.02, False), (2, 2, 0.02, True), (10, 10, 0.5, True), (5, 5, 0.99, False)],
)  # fmt: skip
def test_clearly_more_than_chance(found: int, parts: int, rate: float, *, more: bool) -> None:
    assert clearly_more(found, parts, rate) is more


def test_without_labels_there_is_nothing_to_compare(profile: Profile) -> None:
    text = page(profile, [result("a.png", 5.0), result("b.png", 50.0)]).text
    assert "really are" not in text
    assert "Label" not in text


def test_the_table_is_sorted_worst_first_and_names_the_shared_folder_once(
    profile: Profile, batch: list[ScoredImage]
) -> None:
    text = page(profile, [*batch, result("lot 2/x.png", 9.0)]).text
    table = text[text.index("All results") :]
    order = ["gone.png", "ng.png", "false call.png", "review.png", "x.png", "missed.png", "ok.png"]
    assert [table.index(name) for name in order] == sorted(table.index(name) for name in order)
    assert text.count(str(Path("/line/lot 1"))) == 1
    assert "x.png lot 2" in table
    assert "gone.png is gone." in table


def test_five_thousand_results_stay_a_page_one_can_open(profile: Profile) -> None:
    many = [result(f"{i}.png", 5.0 + i % 97) for i in range(MOST_ROWS + 3000)]
    text = report_html(BatchReport(profile, LIMITS, many, MADE, "cpu", plain))
    assert text.count("<tr>") < MOST_ROWS + 40
    assert "3000 more pictures with lower scores are in the CSV table." in text
    assert text.count("<img") <= 2 * 39
    assert len(text) < 2_000_000


def test_a_picture_that_is_gone_is_left_out_not_fatal(
    profile: Profile, batch: list[ScoredImage]
) -> None:
    def gone(path: Path, side: int) -> ByteImage:
        if path.name == "ng.png":
            raise ImageError(say("{name} is gone.", name=path.name))
        return plain(path, side)

    text = report_html(BatchReport(profile, LIMITS, batch, MADE, "cpu", gone))
    found = Page(text)
    assert 'alt="ng.png"' not in text
    assert 'alt="review.png"' in text
    assert "ng.png" in found.text


@pytest.mark.parametrize("places", [0, 1, 7, MOST_PLACES + 5])
def test_as_many_circles_are_drawn_as_places_are_told(profile: Profile, places: int) -> None:
    heat = np.full((24, 24), 1, np.float32)
    for n in range(places):
        heat[2 * (n // 10) + 1, 2 * (n % 10) + 1] = 30 - n / 10
    value = 30.0 if places else 5.0
    many = dataclasses.replace(result("many.png", value), score=Score(value, heat, 1.0))
    found = page(profile, [many])
    drawn = [value for name, key, value in found.attributes if (name, key) == ("circle", "class")]
    assert drawn.count("place") == min(places, MOST_PLACES)
    told = found.text[found.text.index("many.png") :]
    if places > MOST_PLACES:
        assert f"{places} places, the {MOST_PLACES} highest marked · 3.00 ×, 2.99 ×" in told
    elif places == 1:
        assert "1 place · 3.00 ×" in told
    elif places:
        assert f"{places} places · 3.00 ×, 2.99 ×, 2.98 ×, 2.97 ×, 2.96 ×, …" in told
    else:
        assert "place" not in told


def test_a_circle_lies_where_the_place_is(profile: Profile) -> None:
    found = page(profile, [result("ng.png", 31.0)])
    at = {
        key: float(value)
        for name, key, value in found.attributes
        if name == "circle" and key in ("cx", "cy")
    }
    # The hot cell is (2, 7) of 8 x 10; the reduced picture is 320 x 160 pixels.
    assert at == {"cx": 7.5 / 10 * 320, "cy": 2.5 / 8 * 160}


@pytest.mark.parametrize("value", [None, 5.0])
def test_few_results(profile: Profile, value: float | None) -> None:
    for results in ([], [result("one.png", value)]):
        assert "Result" in page(profile, results).text
    bare = Page(report_html(BatchReport(profile, LIMITS, [], MADE)))
    assert "img" not in bare.tags
    assert "svg" not in bare.tags


HOSTILE = [
    "<script>alert(1)</script>.png", '"><img src=x onerror=alert(1)>.png', "</style><b>.png",
    "a&lt;b.png", "'-alert(1)-'.png", "{0}{name}%s.png", "\u202egnp.exe", "a\x00b\x1b[31m.png",
    b"caf\xe9.png".decode("utf-8", "surrogateescape"), "x" * 4000 + ".png", "]]>-->.png",
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_names(profile: Profile, name: str) -> None:
    evil = dataclasses.replace(
        profile, name=name, origin=dataclasses.replace(profile.origin, who=name, why=name)
    )
    results = [result(name, 31.0), result(name, None)]
    text = report_html(BatchReport(evil, LIMITS, results, MADE, name, plain))
    found = Page(text)
    harmless = Page(report_html(BatchReport(evil, LIMITS, results, MADE, "x", plain)))
    assert found.tags == harmless.tags
    assert not {"script", "b1"} & set(found.tags)
    assert not [key for _, key, _ in found.attributes if key.startswith("on")]
    assert text.encode("utf-8")
    assert not re.search("[\x00\x1b]", text)


def test_it_is_written_whole_as_utf_8(
    tmp_path: Path, profile: Profile, batch: list[ScoredImage]
) -> None:
    path = tmp_path / "検査" / "レポート.html"
    write_report(path, BatchReport(profile, LIMITS, batch, MADE, "cpu", plain))
    text = path.read_bytes().decode("utf-8")
    assert text.startswith("<!DOCTYPE html>\n<html")
    assert 'charset="utf-8"' in text[:200]


def test_the_histogram_draws_every_score_and_both_limits(
    profile: Profile, batch: list[ScoredImage]
) -> None:
    found = page(profile, batch)
    heights = [v for t, k, v in found.attributes if t == "rect" and k == "height"]
    assert len(heights) == 5
    assert all(float(h) > 0 for h in heights)
    inside = [float(v) for t, k, v in found.attributes if t == "rect" and k in ("x", "y")]
    assert all(0 <= v <= 1000 for v in inside)
    assert "REVIEW > 1.00" in found.text
    assert "NG > 1.20" in found.text
    alone = page(profile, batch, Limits(10.0, 10.0)).text
    assert "REVIEW >" not in alone
    assert "NG > 1.00" in alone


@pytest.mark.parametrize("values", [[1e-9], [5.0] * 40, [1e6, 5.0], [10.0], [0.0, 0.0]])
def test_the_histogram_takes_any_scores(profile: Profile, values: list[float]) -> None:
    results = [result(f"{i}.png", v) for i, v in enumerate(values)]
    found = page(profile, results)
    numbers = [float(v) for t, k, v in found.attributes if t in ("rect", "line") and k != "class"]
    assert np.isfinite(numbers).all()
    assert ("the last bar holds everything above" in found.text) == (max(values) > 100)


def test_numbers_for_people() -> None:
    assert [share_text(x) for x in (0, 0.0004, 0.005, 0.0196, 0.25, 1)] == [
        "0%", "0.04%", "0.5%", "2.0%", "25%", "100%",
    ]  # fmt: skip
    assert [times_limit_text(x) for x in (0.5, 99.994, 123.4, float("nan"))] == [
        "0.50", "99.99", "123", "–",
    ]  # fmt: skip
    assert [score_text(x) for x in (0.0, 0.01234, 10.5, 12345.6)] == [
        "0.00", "0.01234", "10.50", "12346",
    ]  # fmt: skip


def test_the_shared_folder() -> None:
    assert shared_folder([Path("/a/b/1.png"), Path("/a/b/c/2.png")]) == Path("/a/b")
    assert shared_folder([Path("/a/1.png"), Path("/b/2.png")]) is None
    assert shared_folder([]) is None
