"""What the catalogue can say about a backbone without loading it."""

from __future__ import annotations

from dataclasses import dataclass

from deeprx_gui.domain.message import Message


@dataclass(frozen=True)
class BackboneStatus:
    """One backbone on this PC.

    ``taps``: strides at which features can be taken. ``advice`` says what to do when it is not
    installed, or what to know before choosing it. ``fetchable``: its publisher offers the weights
    for download. ``own``: needs no weights, because every fit teaches its own; ``sha256`` is then
    ``None``. ``words``: the command that imported it from an ONNX file. ``size``: the only picture
    size it takes. ``needs_full``: the light edition cannot learn with it (ADR 0035).
    """

    name: str
    title: Message
    taps: tuple[int, ...]
    default_taps: tuple[int, ...]
    installed: bool
    sha256: str | None
    licence: str
    advice: Message | None
    fetchable: bool
    own: bool = False
    words: str = ""
    size: int | None = None
    needs_full: bool = False
