"""A small profile, made by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from deeprx_gui.domain.limits import Limits
from deeprx_gui.domain.profile import (
    Profile,
)
from tests.made_profile import made_origin, made_profile

MakeProfile = Callable[..., Profile]


@pytest.fixture
def make_profile() -> MakeProfile:
    def make(name: str = "Bracket", *, revision: int = 1, review: float = 10.0) -> Profile:
        limits = Limits(review, review * 1.2)
        return made_profile(
            name,
            limits=limits,
            id=name.lower(),
            revision=revision,
            origin=made_origin(why="first", runtime="torch"),
        )

    return make
