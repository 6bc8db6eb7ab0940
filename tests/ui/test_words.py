"""What the pages say about numbers, sentence by sentence."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from deeprx_gui.controllers.job_service import runtime_title
from deeprx_gui.domain.fit import FitForecast, FitRequest
from deeprx_gui.domain.fit_settings import PRESETS, FitSettings, Preset
from deeprx_gui.domain.limits import FittedTail, HeldOutScheme, Promise
from deeprx_gui.domain.words import percent, time_left
from deeprx_gui.i18n import render
from deeprx_gui.ui.kit.dates import moment, revision_label
from deeprx_gui.ui.teach.choices import CHOICES, FitChoice
from deeprx_gui.ui.teach.words import forecast, promise, tray_hint, why_not


@pytest.mark.parametrize(
    ("rate", "text"),
    [(0.5, "50"), (0.0909, "9.1"), (1 / 51, "2"), (0.016, "1.6"), (0.01, "1"), (0.0025, "0.25")],
)
def test_rates_have_as_many_digits_as_they_are_worth(rate: float, text: str) -> None:
    assert percent(rate) == text


@pytest.mark.parametrize(
    ("images", "says"),
    [
        (0, "Add at least 5 more images."),
        (4, "Add at least 1 more image."),
        (5, "At most about 23 % false calls can be promised. Add 112 more for 1 %."),
        (116, "At most about 1 % false calls can be promised. Add 1 more for 1 %."),
        (117, "Enough to promise at most about 1 % false calls."),
        (10_000, "Enough to promise"),
    ],
)
def test_the_tray_says_what_its_images_are_worth(images: int, says: str) -> None:
    assert render(tray_hint(images, 0.01)).startswith(says)


def test_leave_one_out_and_groups_are_told_apart_and_neither_is_called_certain() -> None:
    one = render(promise(Promise(1, 50), HeldOutScheme.LEAVE_ONE_OUT))
    groups = render(promise(Promise(2, 199), HeldOutScheme.K_FOLD))
    assert "About 2 %" in one
    assert "each of the 50 images" in one
    assert "About 1 %" in groups
    assert "in groups" in groups
    assert "estimate" in one
    assert "estimate" in groups
    assert "by hand" in render(promise(None, HeldOutScheme.K_FOLD))
    tail = Promise(1, 60, FittedTail(1 / 61, "exponential", 0.0061, 0.0474))
    fitted = render(promise(tail, HeldOutScheme.LEAVE_ONE_OUT))
    assert "About 1.6 %" in fitted
    assert "0.61 to 4.7 % in nine of ten cases" in fitted
    assert "each of the 60 images was checked against the others" in fitted


def test_learning_is_possible_as_soon_as_nothing_is_missing() -> None:
    images = tuple(Path(f"{n}.png") for n in range(5))
    assert why_not(FitRequest("A", images, FitSettings())) is None
    assert why_not(FitRequest("", images, FitSettings(), profile_id="id")) is None
    assert why_not(FitRequest("  ", images, FitSettings())) is not None
    assert why_not(FitRequest("A", images[:4], FitSettings())) is not None
    assert why_not(FitRequest("A", images, FitSettings(taps=()))) is not None


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (FitForecast(0.3, 4), "about 1 s, 10 MB memory"),
        (FitForecast(8.4, 771), "about 8 s, 770 MB memory"),
        (FitForecast(89.4, 771), "about 89 s, 770 MB memory"),
        (FitForecast(125, 1999), "about 2 min, 2000 MB memory"),
    ],
)
def test_forecasts_are_round(expected: FitForecast, text: str) -> None:
    assert render(forecast(expected)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "almost done"),
        (3.4, "about 3 s left"),
        (12.4, "about 10 s left"),
        (88, "about 90 s left"),
        (91, "about 2 min left"),
        (600, "about 10 min left"),
    ],
)
def test_time_left_is_as_coarse_as_it_is_known(seconds: float, text: str) -> None:
    assert render(time_left(seconds)) == text


def test_days_are_called_as_people_call_them() -> None:
    now = datetime(2026, 3, 2, 9, 30).astimezone()
    assert moment(now.replace(hour=7, minute=5), now) == "today 07:05"
    assert moment(now - timedelta(days=1), now) == "yesterday 09:30"
    assert moment(now - timedelta(days=40), now) == "2026-01-21 09:30"
    assert revision_label(7) == "r0007"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("torch-cpu", "torch · CPU"),
        ("torch-cuda", "torch · GPU (CUDA)"),
        ("openvino-cpu", "OpenVINO · CPU"),
        ("openvino", "OpenVINO"),
    ],
)
def test_runtimes_have_readable_names(name: str, title: str) -> None:
    assert runtime_title(name) == title


@pytest.mark.parametrize("choice", CHOICES, ids=lambda c: c.field.key)
def test_every_answer_can_be_given_and_read_back(choice: FitChoice) -> None:
    for option in choice.field.choices:
        assert choice.get(choice.put(FitSettings(), option.value)) == option.value


@pytest.mark.parametrize("preset", PRESETS.values(), ids=lambda p: p.key)
def test_every_preset_can_be_shown_in_the_settings(preset: Preset) -> None:
    for choice in CHOICES:
        answers = [option.value for option in choice.field.choices]
        assert choice.get(preset.settings) in answers, choice.field.key


def test_the_two_rates_never_contradict_each_other() -> None:
    by_key = {choice.field.key: choice for choice in CHOICES}
    strict = by_key["review_rate"].put(FitSettings(false_call_rate=0.05), 0.01)
    assert strict.false_call_rate <= strict.review_rate
    wide = by_key["false_call_rate"].put(FitSettings(review_rate=0.01), 0.05)
    assert wide.false_call_rate <= wide.review_rate
