"""A sentence for a person that is translated where it is shown, not where it is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Message:
    """An English template with ``{placeholders}`` and the values that fill it.

    The layers below the roots do not know the language of the reader, so they pass a ``Message`` on;
    ``deeprx_gui.i18n.render`` turns it into text. Values may be messages themselves.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        """Return the English sentence (for logs and tracebacks)."""
        return self.template.format(**{k: str(v) for k, v in self.values.items()})


def say(template: str, /, **values: object) -> Message:
    """Make a message; the template must be a literal, the translation gate collects it."""
    return Message(template, MappingProxyType(values))
