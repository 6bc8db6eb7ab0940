"""Which edition this is: without torch it is the light one, for stations that only inspect.

What is installed decides, nothing else: both are the same program (ADR 0035). Here stand the
sentences that say what needs the full one.
"""

from __future__ import annotations

import importlib.util

from deeprx_gui.domain.message import Message, say

TEACHING = say(
    "This is the light edition: teaching the autoencoder needs the full edition. Learn on a PC "
    "that has it and bring the profile here, or choose another network."
)
TORCH = say(
    "This is the light edition: it computes with OpenVINO on the processor. torch and NVIDIA cards "
    "need the full edition. Choose the runtime “auto”."
)
CONVERTING = say(
    "This is the light edition: taking a network over from this file needs the full edition. "
    "Import it there, write it with “deeprx backbones export NAME FILE”, and import that file here."
)
LEFT_OUT = say("The light edition does without torch")


def is_light() -> bool:
    """Say whether torch is absent; looks for it and loads nothing."""
    return importlib.util.find_spec("torch") is None


def name() -> str:
    """Return ``light`` or ``full``, for reports."""
    return "light" if is_light() else "full"


def title(version: str) -> Message:
    """Return the name of the program as it is shown, with the edition where it is the light one."""
    if is_light():
        return say("Deep RX Inspector {version}, light edition", version=version)
    return say("Deep RX Inspector {version}", version=version)
