"""Automatic on the page Teach: the takt, what leaves it, and the sentence afterwards."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from deeprx_gui.domain.fit import FitOutcome
from deeprx_gui.domain.fit_settings import PRESETS, USUAL_TAKT_MS, FitSettings
from deeprx_gui.domain.profile import DetectorChoice, Preprocessing
from deeprx_gui.domain.search import Chosen
from deeprx_gui.ui.teach.fit_summary_card import FitSummaryCard
from deeprx_gui.ui.teach.settings_form import SettingsForm
from tests.made_profile import made_profile

CHOSEN = Chosen(
    "patchcore", "efficientnet-lite0", 512, "none", "max", 23, 30, False, 61.2, 100.0, 9, False
)


def test_the_takt_belongs_to_automatic(qtbot: QtBot) -> None:
    form = SettingsForm()
    qtbot.addWidget(form)
    assert form.takt.isHidden()
    form.cards["automatic"].click()
    assert form.settings.takt_ms == USUAL_TAKT_MS
    assert not form.takt.isHidden()
    form.takt.changed.emit({"takt_ms": 40.0})
    assert form.settings.takt_ms == 40
    assert form.cards["automatic"].isChecked()
    form.cards["balanced"].click()
    assert form.settings == FitSettings()
    assert form.takt.isHidden()


def test_who_fixes_what_would_be_chosen_leaves_automatic(qtbot: QtBot) -> None:
    form = SettingsForm()
    qtbot.addWidget(form)
    form.cards["automatic"].click()
    form.fields.changed.emit({"false_call_rate": 0.02})
    kept = form.settings
    assert kept.automatic, "a promise is asked of any setting"
    form.fields.changed.emit({"size": 384})
    assert not form.settings.automatic
    assert form.settings.preprocessing.size == 384
    form.cards["automatic"].click()
    form.apply_settings(
        replace(
            PRESETS["balanced"].settings,
            detector=DetectorChoice("patchcore"),
            preprocessing=Preprocessing(512),
        )
    )
    assert not form.settings.automatic
    assert form.settings.detector.name == "patchcore"


def test_afterwards_the_sentence_says_why(qtbot: QtBot) -> None:
    card = FitSummaryCard()
    qtbot.addWidget(card)
    profile = made_profile()
    card.show_lesson(FitOutcome(profile, (), 3.0, "torch", CHOSEN), 0)
    assert "finds 23 of 30 planted defects" in card._choice.text()
    assert "Show some bad parts" in card._unsure.text()
    card.show_lesson(FitOutcome(profile, (), 3.0, "torch"), 0)
    assert card._choice.isHidden()
    assert card._unsure.isHidden()
