"""Texts and colours that follow the language and the theme, each bound once where it is made.

``bind(self.save.setText, say("Save"))`` sets the text now and again after each change of language;
``follow(self._show_counts)`` does the same for a method that writes what depends on data. Nobody
keeps lists of children: bindings hang on the object they write to, die with it, and ``refresh``
finds them in the tree of windows. The program calls it in two places: after the language changed
(``Program``) and after the colours changed (``Theme``).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from enum import Flag, auto
from functools import partial
from typing import Any, TypeAlias, TypeVar
from weakref import ref

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QWidget
from shiboken6 import isValid

from deeprx_gui.domain.message import Message
from deeprx_gui.i18n import render

Text: TypeAlias = Message | str | Callable[[], Message | str]
"""A sentence; a text that is the same in every language; or a function that returns one of them."""

T = TypeVar("T")


class Change(Flag):
    """What changed for the whole program."""

    LANGUAGE = auto()
    THEME = auto()


EITHER = Change.LANGUAGE | Change.THEME


def text_of(text: Text) -> str:
    """Return a text in the reader's language."""
    words = text() if callable(text) else text
    return render(words) if isinstance(words, Message) else words


def bind(setter: Callable[[str], object], text: Text, change: Change = Change.LANGUAGE) -> None:
    """Call a method of a Qt object with a text, now and after each ``change``.

    Binding the same method again replaces the text. A bound method given as ``text`` is held
    weakly: it may belong to a parent of the object that is written to.
    """
    owner, name = _method(setter)
    _attach(owner, name, change, partial(_set, name, _weakly(text) if callable(text) else text))


def bind_value(setter: Callable[[T], object], make: Callable[[], T], change: Change) -> None:
    """Call a method of a Qt object with what ``make`` returns, now and after each ``change``."""
    owner, name = _method(setter)
    _attach(owner, name, change, partial(_set, name, _weakly(make)))


def bind_tip(widget: QWidget, text: Text) -> None:
    """Bind a widget's tool tip and what a screen reader calls it."""
    bind(widget.setToolTip, text)
    bind(widget.setAccessibleName, text)


def bind_items(box: QComboBox, texts: Sequence[Text]) -> None:
    """Fill a drop-down list; the chosen place stays, as far as there is one."""
    held = tuple(_weakly(text) if callable(text) else text for text in texts)
    _attach(box, "items", Change.LANGUAGE, partial(_fill, held))


def follow(
    method: Callable[[], object], change: Change = EITHER, owner: QObject | None = None
) -> None:
    """Call a method now and after each ``change``, as long as its object lives.

    ``owner``: a Qt object in the window, for a method of an object that is not.
    """
    target, name = _method(method)
    if owner is None or owner is target:
        _attach(target, name, change, partial(_call, name))
    else:
        _attach(owner, (id(target), name), change, partial(_call_weakly, _weakly(method)))


def rebind(owner: QObject) -> None:
    """Evaluate again what is bound to an object: something its texts depend on changed."""
    for found in owner.findChildren(_Bindings, options=_DIRECT):
        found.run(EITHER)


def refresh(app: QApplication, change: Change) -> None:
    """Evaluate everything that is bound to ``change``, in every window of the program."""
    for window in app.topLevelWidgets():
        if window.parent() is None:  # menus and dialogs of a window are found below it
            for found in window.findChildren(_Bindings):
                if isValid(found):  # an earlier one may have rebuilt a list
                    found.run(change)


_DIRECT = Qt.FindChildOption.FindDirectChildrenOnly


class _Bindings(QObject):
    """Everything bound to its parent; Qt deletes it together with that.

    It knows the parent through Qt alone and names its methods: a reference would be a cycle.
    """

    def __init__(self, owner: QObject) -> None:
        super().__init__(owner)
        self._runs: dict[Hashable, tuple[Change, Callable[[Any], None]]] = {}

    def put(self, key: Hashable, change: Change, run: Callable[[Any], None]) -> None:
        """Bind something, in the place of what had the same key."""
        self._runs[key] = (change, run)

    def run(self, change: Change) -> None:
        """Write everything that depends on ``change``."""
        owner = self.parent()
        for wanted, run in tuple(self._runs.values()):
            if wanted & change and isValid(owner):
                run(owner)


def _attach(owner: QObject, key: Hashable, change: Change, run: Callable[[Any], None]) -> None:
    found = owner.findChild(_Bindings, options=_DIRECT)
    (_Bindings(owner) if found is None else found).put(key, change, run)
    run(owner)


def _method(bound: Callable[..., object]) -> tuple[QObject, str]:
    owner = getattr(bound, "__self__", None)
    if not isinstance(owner, QObject):
        raise TypeError(f"{bound!r} is not a method of a Qt object")
    return owner, bound.__name__


def _set(name: str, value: Any, owner: Any) -> None:  # noqa: ANN401 - any Qt object
    found = value() if callable(value) else value
    if found is not None:
        getattr(owner, name)(render(found) if isinstance(found, Message) else found)


def _fill(texts: Sequence[Text], box: QComboBox) -> None:
    words = [text_of(text) for text in texts]
    if box.count() != len(words):
        box.clear()
        box.addItems(words)
    for place, word in enumerate(words):
        box.setItemText(place, word)


def _call(name: str, owner: Any) -> None:  # noqa: ANN401 - any Qt object
    getattr(owner, name)()


def _call_weakly(call: Callable[[], object], _owner: QObject) -> None:
    call()


def _weakly(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a call that does nothing once the object of a bound method is gone."""
    if isinstance(call, partial):
        return partial(_weakly(call.func), *call.args, **call.keywords)
    target = getattr(call, "__self__", None)
    if not isinstance(target, QObject):
        return call
    return partial(_call_if_alive, ref(target), call.__name__)


def _call_if_alive(target: ref[QObject], name: str, /, *args: Any, **named: Any) -> Any:  # noqa: ANN401
    found = target()
    if found is None or not isValid(found):
        return None
    return getattr(found, name)(*args, **named)
