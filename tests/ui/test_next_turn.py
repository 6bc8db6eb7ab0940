"""A later turn of the event loop: what is waiting comes first."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QEventLoop, QObject, QTimer

from deeprx_gui.ui.kit.next_turn import in_next_turn


def test_the_loop_goes_on_between_steps(qapp: object) -> None:
    owner, loop, steps = QObject(), QEventLoop(), list[int]()
    others = 0

    def other() -> None:
        nonlocal others
        others += 1

    def step() -> None:
        steps.append(others)
        if len(steps) < 10:
            in_next_turn(owner, step)
        else:
            loop.quit()

    busy = QTimer(owner)
    busy.timeout.connect(other)
    busy.start(0)
    in_next_turn(owner, step)
    loop.exec()
    busy.stop()
    assert all(before < after for before, after in itertools.pairwise(steps)), steps


def test_an_owner_that_is_gone_is_not_called(qapp: object) -> None:
    owner, loop, called = QObject(), QEventLoop(), list[int]()
    in_next_turn(owner, lambda: called.append(1))
    del owner
    QTimer.singleShot(20, loop.quit)
    loop.exec()
    assert not called
