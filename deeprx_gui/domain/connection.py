"""Connection: where pictures come from or whom verdicts are told, and the kinds there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Generic, TypeVar

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.field import Field, Unknown, Value
from deeprx_gui.domain.message import Message

_KEY = re.compile(r"[a-z][a-z0-9_-]*")


@dataclass(frozen=True)
class Spec:
    """One source or output as it is chosen, stored and written: kind, address, options (JSON-able).

    ``kind`` is the key of a registered ``ConnectionType``. A password is never an option: where one
    is wanted, the option names the environment variable it lies in.
    """

    kind: str
    address: str
    options: Mapping[str, Value] = field(default_factory=dict)


class AddressRule(StrEnum):
    """How an address and the options after it are told apart in one line of text."""

    PLAIN = "plain"
    """The address is written as it is; the options begin at the last question mark."""

    QUERY = "query"
    """As plain, but what follows the last ? counts only if all of it are options of this kind."""

    ESCAPED = "escaped"
    """The options begin at the first ?; the address writes %3F, %23 and %25 for ?, # and %."""

    FRAGMENT = "fragment"
    """A web address, whose ? is its own: the options begin at the first #."""


@dataclass(frozen=True, kw_only=True)
class ConnectionType:
    """One kind of source or output: everything the command line and the setup sheet ask for.

    ``key`` is the word before the colon of a spec. ``address`` is the field of its address; its
    default is taken where none is written. ``example`` is an address, for people.
    """

    key: str
    title: Message
    address: Field
    fields: tuple[Field, ...] = ()
    example: str = ""
    rule: AddressRule = AddressRule.PLAIN


T = TypeVar("T", bound=ConnectionType)


class Registry(Mapping[str, T], Generic[T]):
    """The kinds of sources, or of outputs, by their keys, in the order they are offered in."""

    def __init__(self, unknown: Unknown, *entries: T) -> None:
        """``unknown`` says what to do instead of naming a kind that there is not."""
        self._unknown = unknown
        self._entries: dict[str, T] = {}
        for entry in entries:
            self.register(entry)

    def register(self, entry: T) -> None:
        """Add a kind. Raises ValueError for a key that is taken or no lower-case word."""
        if not _KEY.fullmatch(entry.key):
            raise ValueError(f"{entry.key!r} is no key: it is a lower-case word without spaces")
        if entry.key in self._entries:
            raise ValueError(f"{entry.key!r} is registered already")
        self._entries[entry.key] = entry

    def unregister(self, key: str) -> None:
        """Take a kind out again. Raises KeyError when there is none."""
        del self._entries[key]

    def find(self, key: str) -> T:
        """Return a kind. Raises RequestError naming the known ones."""
        if key not in self._entries:
            raise RequestError(self._unknown(key, ", ".join(self._entries)))
        return self._entries[key]

    def __getitem__(self, key: str) -> T:
        return self._entries[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
