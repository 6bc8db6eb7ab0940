"""The kinds of sources and outputs of this program, as the setup sheet asks for them."""

from __future__ import annotations

from typing import Final

from deeprx_gui.capture.sources.options import checked as checked_options
from deeprx_gui.capture.sources.table import SOURCES, complete_address
from deeprx_gui.capture.sources.written import show_source
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.option import Form
from deeprx_gui.domain.output import OutputKind, OutputSpec
from deeprx_gui.domain.source import SourceKind, SourceSpec
from deeprx_gui.outputs.table import OUTPUTS
from deeprx_gui.outputs.table import checked as checked_output
from deeprx_gui.state.station_form import Draft, Offer, Offers

_DEVICES: Final = frozenset({SourceKind.CAMERA, SourceKind.GENICAM})
_EXAMPLES: Final = {
    SourceKind.STREAM: "rtsp://192.168.0.10/stream1",
    SourceKind.CAMERA: "0",
    SourceKind.GENICAM: "0",
}
_WHERE: Final = {
    Form.FOLDER: say("Folder"),
    Form.FILE: say("File"),
    Form.DEVICE: say("Number or name of the camera"),
    Form.TEXT: say("Web address"),
}


def offers() -> Offers:
    """Return every kind of source and of output."""
    return Offers(
        tuple(_source(kind) for kind in SOURCES), tuple(_output(kind) for kind in OUTPUTS)
    )


def source_of(draft: Draft) -> SourceSpec:
    """Return the source that a person described. Raises RequestError when it makes no sense."""
    kind = SourceKind(draft.kind)
    options = checked_options(SOURCES[kind].options, draft.options)
    return SourceSpec(kind, complete_address(kind, draft.address), options)


def output_of(draft: Draft) -> OutputSpec:
    """Return the output that a person described. Raises RequestError when it makes no sense."""
    return checked_output(OutputSpec(OutputKind(draft.kind), draft.address, draft.options))


def source_words(spec: SourceSpec | None) -> Message | None:
    """Say where pictures come from, without a password."""
    if spec is None:
        return None
    _, _, where = show_source(SourceSpec(spec.kind, spec.address)).partition(":")
    return say("{kind}: {where}", kind=SOURCES[spec.kind].title, where=where)


def _source(kind: SourceKind) -> Offer:
    spec = SOURCES[kind]
    form = Form.DEVICE if kind in _DEVICES else spec.form
    return Offer(kind, spec.title, _WHERE[form], form, _EXAMPLES.get(kind, ""), spec.options)


def _output(kind: OutputKind) -> Offer:
    spec = OUTPUTS[kind]
    return Offer(kind, spec.title, spec.address, spec.form, spec.example, spec.options)
