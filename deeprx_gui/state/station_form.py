"""What the setup of a station can ask for, as data: the kinds of sources and outputs there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deeprx_gui.domain.message import Message
from deeprx_gui.domain.option import Field, Form, Value
from deeprx_gui.domain.output import OutputKind
from deeprx_gui.domain.source import SourceKind


@dataclass(frozen=True)
class Offer:
    """One kind of source or output: its name, how its address is found, its options."""

    kind: SourceKind | OutputKind
    title: Message
    address: Message
    form: Form
    example: str = ""
    fields: tuple[Field, ...] = ()


@dataclass(frozen=True)
class Offers:
    """All kinds of sources and of outputs on this PC, in the order of the lists."""

    sources: tuple[Offer, ...] = ()
    outputs: tuple[Offer, ...] = ()

    def source(self, kind: SourceKind) -> Offer | None:
        """Return the offer of a kind of source."""
        return next((offer for offer in self.sources if offer.kind is kind), None)

    def output(self, kind: OutputKind) -> Offer | None:
        """Return the offer of a kind of output."""
        return next((offer for offer in self.outputs if offer.kind is kind), None)


@dataclass(frozen=True)
class Draft:
    """A kind with an address and options as a person gave them, not yet checked."""

    kind: SourceKind | OutputKind
    address: str
    options: Mapping[str, Value] = field(default_factory=dict)
