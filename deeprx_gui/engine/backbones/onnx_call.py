"""One ONNX node about to become steps of a plan. Imports torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from deeprx_gui.domain.arrays import Float32
from deeprx_gui.domain.message import say
from deeprx_gui.engine.backbones.onnx_file import OnnxNode
from deeprx_gui.engine.backbones.onnx_steps import Steps, UnusableError, Value


@dataclass(frozen=True, eq=False)
class Call:
    """One node about to be run. ``alone``: nothing else uses what its first input is."""

    node: OnnxNode
    inputs: tuple[Value | None, ...]
    steps: Steps
    opset: int
    alone: bool

    def value(self, index: int) -> Value:
        """Return an input that must be there."""
        found = self.maybe(index)
        if found is None:
            raise UnusableError(say("the operator {kind} lacks an input.", kind=self.node.kind))
        return found

    def maybe(self, index: int) -> Value | None:
        """Return an input that may be left out."""
        return self.inputs[index] if index < len(self.inputs) else None

    def whole(self, key: str, default: int) -> int:
        """Return an attribute that is a whole number."""
        found = self.node.attributes.get(key, default)
        return found if isinstance(found, int) else default

    def real(self, key: str, default: float) -> float:
        """Return an attribute that is a number."""
        found = self.node.attributes.get(key, default)
        return float(found) if isinstance(found, int | float) else default

    def word(self, key: str, default: str) -> str:
        """Return an attribute that is a word."""
        found = self.node.attributes.get(key, default)
        return found if isinstance(found, str) else default

    def ints(self, key: str, index: int | None = None) -> list[int] | None:
        """Return whole numbers from an attribute, or from an input as newer versions have it."""
        found = self.node.attributes.get(key)
        if isinstance(found, list):
            return [int(v) for v in found]
        given = None if index is None else self.maybe(index)
        return None if given is None else given.ints()

    def refused(self) -> UnusableError:
        """The error for an operator used in a way that no plan knows."""
        return UnusableError(
            say(
                "it uses the operator {kind} in a way that is not known here (node {name}).",
                kind=self.node.kind,
                name=(self.node.name or ", ".join(self.node.outputs))[:80],
            )
        )

    def array(self, index: int) -> Float32:
        """Return the weights at an input."""
        value = self.value(index)
        if value.live:
            raise self.refused()
        array = np.ascontiguousarray(value.tensor.to(torch.float32).numpy(), np.float32)
        if not np.isfinite(array).all():
            raise UnusableError(say("it holds numbers that are not finite."))
        return array


Operator = Callable[[Call], "Value | list[Value]"]
