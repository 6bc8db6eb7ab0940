"""How to learn: presets, the takt of the automatic one, every setting for those who want it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QVBoxLayout, QWidget

from deeprx_gui.domain.backbone_status import BackboneStatus
from deeprx_gui.domain.compare import Combination
from deeprx_gui.domain.detector import DetectorInfo
from deeprx_gui.domain.field import Field, FieldKind, Value
from deeprx_gui.domain.fit import FitForecast
from deeprx_gui.domain.fit_settings import (
    DEFAULT_PRESET,
    LONGEST_TAKT_MS,
    PRESETS,
    USUAL_TAKT_MS,
    FitSettings,
)
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile import DetectorChoice
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.form import Form
from deeprx_gui.ui.kit.frames import ChoiceCard, Expander
from deeprx_gui.ui.teach.backbone_field import BackboneField
from deeprx_gui.ui.teach.choices import CHOICES
from deeprx_gui.ui.teach.detector_field import DetectorField
from deeprx_gui.ui.teach.words import forecast

TAKT = Field(
    "takt_ms",
    say("Takt: time a picture may take"),
    FieldKind.NUMBER,
    USUAL_TAKT_MS,
    unit="ms",
    minimum=1,
    maximum=LONGEST_TAKT_MS,
    hint=say("More time lets the program find more."),
)


class SettingsForm(QWidget):
    """Presets and an expander with everything. ``changed`` tells that a person chose otherwise."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings = FitSettings()
        self._forecasts: Mapping[str, FitForecast] = {}
        self.cards = {key: ChoiceCard() for key in PRESETS}
        self._group = QButtonGroup(self)
        for key, card in self.cards.items():
            self._group.addButton(card)
            card.clicked.connect(partial(self._choose_preset, key))
        self.takt = Form()
        self.takt.changed.connect(self._takt_changed)
        self.backbone = BackboneField()
        self.backbone.changed.connect(self._backbone_changed)
        self.detector = DetectorField()
        self.detector.changed.connect(self._detector_changed)
        self.fields = Form(spacing=theme.L)
        self.fields.changed.connect(self._fields_changed)
        self.expander = Expander()
        self.expander.body.addWidget(self.detector)
        self.expander.body.addWidget(self.backbone)
        self.expander.body.addWidget(self.fields)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.S)
        for key, card in self.cards.items():
            column.addWidget(card)
            if key == DEFAULT_PRESET:
                column.addWidget(self.takt)
        column.addWidget(self.expander)
        self._say_presets()
        self._show()

    @property
    def settings(self) -> FitSettings:
        return self._settings

    def set_settings(self, settings: FitSettings) -> None:
        """Show these settings."""
        self._settings = settings
        self._show()

    def show_backbones(self, backbones: Sequence[BackboneStatus]) -> None:
        """Show which networks this PC has."""
        self.backbone.show_backbones(backbones)

    def show_detectors(self, detectors: Sequence[DetectorInfo]) -> None:
        """Show which detectors there are."""
        self.detector.show_detectors(detectors)
        self._show()

    def use(self, combination: Combination) -> None:
        """Choose a detector and a network; what else is chosen stays as far as it fits."""
        settings = self._settings
        if combination.detector != settings.detector.name:
            settings = replace(settings, detector=DetectorChoice(combination.detector))
        if combination.backbone != settings.backbone:
            taps = self.backbone.default_taps(combination.backbone)
            before = settings.backbone
            settings = replace(settings, backbone=combination.backbone, taps=taps)
            settings = self.backbone.sized(settings, before)
        self._replace(settings)

    def apply_settings(self, learnt: FitSettings) -> None:
        """Choose what these settings say about detector, network, size and scoring."""
        self._replace(
            replace(
                self._settings,
                detector=learnt.detector,
                backbone=learnt.backbone,
                taps=learnt.taps,
                preprocessing=learnt.preprocessing,
                scoring=learnt.scoring,
                takt_ms=None,
            )
        )

    def show_forecasts(self, forecasts: Mapping[str, FitForecast]) -> None:
        """Show what each preset will take with the images in the tray."""
        self._forecasts = forecasts
        self._say_presets()

    def _say_presets(self) -> None:
        for key, card in self.cards.items():
            preset = PRESETS[key]
            expected = self._forecasts.get(key)
            remark = "" if expected is None else forecast(expected)
            card.bind_texts(preset.title, preset.hint, remark)

    def _show(self) -> None:
        own = True
        with QSignalBlocker(self._group):
            self._group.setExclusive(False)
            for key, card in self.cards.items():
                card.setChecked(_is_preset(key, self._settings))
                own = own and not card.isChecked()
            self._group.setExclusive(True)
        self.expander.set_title(say("All settings (changed)") if own else say("All settings"))
        self.takt.show_fields((TAKT,), {TAKT.key: self._settings.takt_ms or USUAL_TAKT_MS})
        self.takt.setVisible(self._settings.automatic)
        self.backbone.show_settings(self._settings)
        self.detector.show_choice(self._settings.detector)
        found = self.detector.info
        self.backbone.set_needed(found is None or not found.pixels)
        answers = {choice.field.key: choice.get(self._settings) for choice in CHOICES}
        self.fields.show_fields([choice.field for choice in CHOICES], answers)

    def _replace(self, settings: FitSettings) -> None:
        """Take these; who fixes what a search would choose wants no search."""
        if settings.automatic and _fixed(settings) != _fixed(self._settings):
            settings = replace(settings, takt_ms=None)
        self._settings = settings
        self._show()
        self.changed.emit()

    def _choose_preset(self, key: str, *_checked: bool) -> None:
        self._settings = PRESETS[key].settings
        self._show()
        self.changed.emit()

    @Slot(object)
    def _takt_changed(self, answers: Mapping[str, Value]) -> None:
        takt = float(answers.get(TAKT.key, USUAL_TAKT_MS))
        self._replace(replace(self._settings, takt_ms=takt))

    @Slot(object)
    def _fields_changed(self, answers: Mapping[str, Value]) -> None:
        settings = self._settings
        for choice in CHOICES:
            answer = answers.get(choice.field.key, choice.field.default)
            if answer != choice.get(self._settings):
                settings = choice.put(settings, answer)
        self._replace(settings)

    @Slot()
    def _detector_changed(self) -> None:
        self._replace(replace(self._settings, detector=self.detector.choice))

    @Slot()
    def _backbone_changed(self) -> None:
        self._replace(self.backbone.applied_to(self._settings))


def _is_preset(key: str, settings: FitSettings) -> bool:
    """Say whether these are the preset's settings, whatever the takt."""
    preset = PRESETS[key].settings
    alike = preset.automatic == settings.automatic
    return alike and preset == replace(settings, takt_ms=preset.takt_ms)


def _fixed(settings: FitSettings) -> tuple[object, ...]:
    """Return what a search would choose."""
    return (
        settings.backbone,
        settings.taps,
        settings.detector,
        settings.preprocessing.size,
        settings.scoring.reduce,
        settings.scoring.normalise,
    )
