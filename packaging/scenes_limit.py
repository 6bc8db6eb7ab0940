"""The scene of the pictures that set the limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from deeprx_gui.app import Program

SETTERS: Final = "limit-setters"


class Camera(Protocol):
    """What takes the pictures: ``screenshots.Session``."""

    program: Program

    def shoot(self, name: str, themes: tuple[str, ...] = ...) -> None:
        """Write one picture per theme."""

    def settle(self) -> None:
        """Wait until nothing runs."""


def limit_scene(camera: Camera) -> None:
    """Photograph the question about the open product; nothing is answered."""
    setters = camera.program.teach_controller.setters
    setters.open()
    camera.settle()
    camera.shoot(SETTERS)
    if setters.sheet is not None:
        setters.sheet.close_sheet()
