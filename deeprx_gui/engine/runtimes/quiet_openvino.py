"""OpenVINO without its reporter: the only module that imports it.

``import openvino`` loads its conversion tool, and that tells its maker over the network that it was
imported, unless somebody on this PC has said no before. We need neither: both are made impossible
to import before OpenVINO is asked for, which takes that for "not installed".
"""

from __future__ import annotations

import sys
from typing import Any

for _name in ("openvino_telemetry", "openvino.tools.ovc"):
    sys.modules[_name] = None  # type: ignore[assignment]  # Python's way to say: never import this

import openvino as ov  # noqa: E402 - only after the two above
from openvino import opset15 as ops  # noqa: E402

# The package publishes no types; these names say at least what is meant.
Value = Any
"""An output of a node of a graph."""
Core = Any
Compiled = Any

__all__ = ["Compiled", "Core", "Value", "ops", "ov"]
