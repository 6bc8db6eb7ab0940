"""What is bound follows language and theme, and is gone with its widget."""

from __future__ import annotations

import gc
import weakref
from functools import partial

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QComboBox, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from deeprx_gui.domain.message import Message, say
from deeprx_gui.i18n import tr
from deeprx_gui.ui.kit import theme
from deeprx_gui.ui.kit.binding import Change, bind, bind_items, bind_tip, follow, rebind
from deeprx_gui.ui.kit.theme import DARK, LIGHT, Theme
from tests.ui.conftest import Start
from tests.ui.walk import speak


class Counter(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.parts = 1
        self.label, self.written = QLabel(), 0
        column = QVBoxLayout(self)
        column.addWidget(self.label)
        bind(self.label.setText, self.text)
        follow(self.write, Change.LANGUAGE)

    def text(self) -> Message:
        return say("Save") if self.parts == 1 else say("Cancel")

    def write(self) -> None:
        self.written += 1


def test_a_text_is_written_at_once_and_after_each_change_of_language(qtbot: QtBot) -> None:
    button = QPushButton()
    qtbot.addWidget(button)
    bind(button.setText, say("Save"))
    bind_tip(button, say("Cancel"))
    assert (button.text(), button.toolTip()) == ("Save", "Cancel")
    speak("ja")
    assert (button.text(), button.toolTip()) == ("保存", "キャンセル")
    assert button.accessibleName() == "キャンセル"
    bind(button.setText, say("Cancel"))  # in the place of the other
    speak("en")
    assert button.text() == "Cancel"


def test_a_text_may_depend_on_something(qtbot: QtBot) -> None:
    counter = Counter()
    qtbot.addWidget(counter)
    counter.parts = 2
    rebind(counter.label)
    assert counter.label.text() == "Cancel"
    speak("ja")
    assert counter.label.text() == "キャンセル"
    assert counter.written == 2


def test_what_is_chosen_in_a_list_stays(qtbot: QtBot) -> None:
    box = QComboBox()
    qtbot.addWidget(box)
    bind_items(box, [say("Save"), say("Cancel")])
    box.setCurrentIndex(1)
    changes: list[int] = []
    box.currentIndexChanged.connect(changes.append)
    speak("ja")
    assert [box.itemText(place) for place in range(2)] == ["保存", "キャンセル"]
    assert (box.currentIndex(), changes) == (1, [])


def test_a_binding_keeps_no_widget_alive(qtbot: QtBot) -> None:
    assert not gc.isenabled()
    counter = Counter()
    gone, label = weakref.ref(counter), weakref.ref(counter.label)
    del counter
    assert (gone(), label()) == (None, None), "nothing is left for the garbage collector"
    speak("ja")


def test_a_deleted_widget_is_written_to_no_more(qtbot: QtBot) -> None:
    window, child = QWidget(), QLabel()
    qtbot.addWidget(window)
    child.setParent(window)
    texts: list[str] = []

    def text() -> str:
        texts.append(tr("Save"))
        return texts[-1]

    bind(child.setText, text)
    held = weakref.ref(text)
    del text
    child.setParent(None)
    child.deleteLater()
    qtbot.waitUntil(lambda: held() is None or bool(gc.collect() and False))
    speak("ja")
    assert texts == ["Save"]


def test_the_method_of_another_object_is_held_weakly(qtbot: QtBot) -> None:
    class Teller(QObject):
        told = 0

        def tell(self, step: int = 1) -> str:
            Teller.told += step
            return str(Teller.told)

    label, teller = QLabel(), Teller()
    qtbot.addWidget(label)
    bind(label.setText, partial(teller.tell, 2))
    follow(teller.tell, Change.LANGUAGE, owner=label)
    assert Teller.told == 3
    del teller
    speak("ja")
    assert Teller.told == 3
    assert label.text() == "2"


def test_only_methods_of_qt_objects_can_be_bound() -> None:
    with pytest.raises(TypeError):
        bind(print, say("Save"))


def test_pictures_and_styles_follow_the_theme(qtbot: QtBot, look: Theme) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    theme.set_pixmap(label, "info", "text", 24)
    light = label.pixmap().toImage()
    look.choose("dark")
    assert label.pixmap().toImage() != light
    look.choose("light")
    assert label.pixmap().toImage() == light


def test_no_colour_of_the_other_theme_is_left(start: Start) -> None:
    program = start()
    theirs = {"light": _colours(DARK) - _colours(LIGHT), "dark": _colours(LIGHT) - _colours(DARK)}
    for name in ("dark", "light"):
        program.settings.theme.choose(name)
        styles = [widget.styleSheet() for widget in program.window.findChildren(QWidget)]
        assert any(styles)
        assert [s for s in styles if any(colour in s for colour in theirs[name])] == []


def _colours(tokens: theme.Tokens) -> set[str]:
    return {v for k, v in vars(tokens).items() if k != "name" and v.startswith("#")}
