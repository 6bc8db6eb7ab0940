"""A sentence for a person that is translated where it is shown, not where it is made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True)
class Message:
    """An English template with ``{placeholders}`` and the values that fill it.

    The layers below the roots do not know the language of the reader, so they pass a ``Message``
    on; ``deeprx_gui.i18n.render`` turns it into text. Values may be messages themselves.
    ``plural`` is the template for every count ``n`` but one, empty where counting plays no part.
    ``context`` tells two meanings of the same English apart (gettext's msgctxt), mostly empty.
    """

    template: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    plural: str = ""
    context: str = ""

    @property
    def english(self) -> str:
        """The English template that fits the count."""
        return self.plural if self.plural and self.values.get("n") != 1 else self.template

    def __str__(self) -> str:
        """Return the English sentence (for logs and tracebacks)."""
        values = {k: str(v) if isinstance(v, Message) else v for k, v in self.values.items()}
        return self.english.format(**values)


def say(template: str, /, **values: object) -> Message:
    """Make a message; the template must be a literal, the translation gate collects it."""
    return Message(template, MappingProxyType(values))


def say_p(context: str, template: str, /, **values: object) -> Message:
    """Make a message whose English has another translation elsewhere: ``say_p("span", "Time")``.

    ``context`` says which meaning is meant (gettext's pgettext); nobody sees it. Literals both.
    """
    return Message(template, MappingProxyType(values), context=context)


def say_n(one: str, many: str, /, *, n: int, **values: object) -> Message:
    """Make a message that counts: ``say_n("{n} image", "{n} images", n=3)``; literals both."""
    return Message(one, MappingProxyType({"n": n, **values}), many)


def in_one(messages: Iterable[Message]) -> Message | None:
    """Return several sentences as one message, ``None`` for none."""
    whole: Message | None = None
    for one in messages:
        whole = one if whole is None else say("{first} {second}", first=whole, second=one)
    return whole
