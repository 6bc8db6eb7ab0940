"""The disk is full under the open window: it says so, loses nothing, and goes on."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any, NoReturn

import pytest
from pytestqt.qtbot import QtBot

from deeprx_gui import atomic
from deeprx_gui.profiles.store import ProfileStore
from tests.ui.conftest import MakePictures, Start
from tests.ui.driving import learned, settle


@pytest.mark.logs_errors
def test_what_cannot_be_written_is_said_and_the_window_goes_on(
    start: Start,
    qtbot: QtBot,
    make_pictures: MakePictures,
    data_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    program = start()
    learned(program, qtbot, make_pictures(8))
    profile = program.session.profile
    assert profile is not None
    status, controller = program.window.status, program.profiles_controller

    def refuse(*_: Any, **__: Any) -> NoReturn:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(atomic, "_create", refuse)
        disk.setattr(os, "fsync", refuse)
        for change in (
            lambda: controller.rename(profile.id, "Bracket B"),
            lambda: controller.duplicate(profile.id, "Bracket C"),
            lambda: program.operator_controller.sheets.pin.new_chosen.emit("4711"),
        ):
            status.clear()
            change()
            settle(program, qtbot)
            pad = program.operator_controller.sheets.pin.message.text()
            told = status.text.text() + pad
            assert "full" in told, told
        assert not program.job_service.services.access.has_pin
    (card,) = ProfileStore(data_dir / "profiles").list()
    assert (card.name, card.revision, card.problem) == ("Bracket", 1, None)
    controller.rename(profile.id, "Bracket B")
    settle(program, qtbot)
    assert program.window.header.product.text() == "Bracket B"
