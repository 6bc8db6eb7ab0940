"""A shell that only writes down what it is asked to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

from boot_shell import Shell


class FakeShell(Shell):
    """Answers from tables; ``effects`` does what a command would have done."""

    def __init__(self) -> None:
        self.commands: list[str] = []
        self.environments: list[dict[str, str]] = []
        self.codes: dict[str, int] = {}
        self.answers: dict[str, str | None] = {}
        self.effects: dict[str, Callable[[], object]] = {}
        self.root = False

    def run(
        self,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
    ) -> int:
        text = " ".join(map(str, command))
        self.commands.append(text)
        self.environments.append(dict(env or {}))
        for part, effect in self.effects.items():
            if part in text:
                effect()
        return next((code for part, code in self.codes.items() if part in text), 0)

    def read(self, command: Sequence[str | Path]) -> str | None:
        text = " ".join(map(str, command))
        return next((answer for part, answer in self.answers.items() if part in text), None)

    def is_root(self) -> bool:
        return self.root

    def ran(self, part: str) -> bool:
        """Whether a command with this text was run."""
        return any(part in command for command in self.commands)


@pytest.fixture
def shell() -> FakeShell:
    return FakeShell()
