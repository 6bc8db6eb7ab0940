"""From an ONNX graph to a plan: it is run once on a probe, and written down. Imports torch."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.backbones.onnx_call import Call, Operator
from deeprx_gui.engine.backbones.onnx_constants import CONSTANT_OPERATORS
from deeprx_gui.engine.backbones.onnx_file import Array, OnnxGraph, OnnxNode
from deeprx_gui.engine.backbones.onnx_layers import OnnxLayer, layer_of
from deeprx_gui.engine.backbones.onnx_operators import ELEMENTWISE, LAYERS
from deeprx_gui.engine.backbones.onnx_shapes import SHAPES
from deeprx_gui.engine.backbones.onnx_steps import MOST_NUMBERS, Steps, UnusableError, Value
from deeprx_gui.engine.backbones.plan import PIXELS, Step

OPERATORS: Mapping[str, Operator] = {**ELEMENTWISE, **LAYERS, **SHAPES, **CONSTANT_OPERATORS}
_JOINING, _ACTIVATIONS = frozenset({"Add", "Sum", "Concat"}), frozenset({"Relu", "Clip"})
_MOST_SECONDS = 120.0
_MOST_CONSTANTS = 4 * MOST_NUMBERS


@dataclass(frozen=True, eq=False)
class Translation:
    """``layers``: everything that can be tapped, in the order of the network.

    ``taps``: stride -> value, for the layers asked for. ``trouble``: why the walk ended early.
    """

    steps: tuple[Step, ...]
    taps: Mapping[int, int]
    layers: tuple[OnnxLayer, ...]
    trouble: Message | None


def translate(
    graph: OnnxGraph,
    sides: tuple[int, int],
    taps: Sequence[str] = (),
    *,
    mirror: bool = True,
) -> Translation:
    """Run the graph on a probe of ``sides`` (height, width), up to the layers ``taps``.

    Without ``taps`` it goes as far as it can, to find out what could be tapped. Raises
    UnusableError when a layer is not there or cannot be reached.
    """
    nodes = _needed(graph, taps) if taps else graph.nodes
    walk = _Walk(graph, sides, nodes, frozenset(taps), mirror=mirror)
    with torch.inference_mode():
        for node in nodes:
            walk.run(node)
        return walk.finish(taps)


def _needed(graph: OnnxGraph, taps: Sequence[str]) -> list[OnnxNode]:
    """Return the nodes on the way to the taps; a head behind them may be whatever it is."""
    makers = {name: node for node in graph.nodes for name in node.outputs}
    makers |= {node.name: node for node in graph.nodes if node.name and node.name not in makers}
    todo, wanted = [], set[int]()
    for tap in taps:
        if tap not in makers:
            raise UnusableError(
                say(
                    "it has no layer “{name}”. “deeprx backbones import FILE” without --taps lists "
                    "its layers.",
                    name=tap[:80],
                )
            )
        todo.append(makers[tap])
    while todo:
        node = todo.pop()
        if id(node) not in wanted:
            wanted.add(id(node))
            todo += [makers[name] for name in node.inputs if name in makers]
    return [node for node in graph.nodes if id(node) in wanted]


class _Walk:
    def __init__(
        self,
        graph: OnnxGraph,
        sides: tuple[int, int],
        nodes: Sequence[OnnxNode],
        taps: frozenset[str],
        *,
        mirror: bool,
    ) -> None:
        self._graph, self._sides, self._taps = graph, sides, taps
        self._steps = Steps(sides[0], mirror=mirror)
        self._uses = Counter(name for node in nodes for name in node.inputs)
        self._left = Counter(self._uses)
        probe = np.random.default_rng(7).normal(size=(1, 3, *sides)).astype(np.float32)
        self._values: dict[str, Value] = {graph.input: self._input(Value(_tensor(probe), PIXELS))}
        self._grids: set[tuple[int, int]] = set()
        self._layers: dict[str, OnnxLayer] = {}
        self._kept: dict[str, Value] = {}
        self._live: set[str] = set()
        self._trouble: Message | None = None
        self._folded = 0
        self._until = time.monotonic() + _MOST_SECONDS

    def _input(self, pixels: Value) -> Value:
        """Return the picture as the network wants it: channels first, or last."""
        sides = self._graph.sides
        if len(sides) == 4 and sides[3] == 3 and sides[1] != 3:
            return self._steps.call("transpose", pixels, order=(0, 2, 3, 1))
        return pixels

    def run(self, node: OnnxNode) -> None:
        """Run one node, and note what can be tapped there."""
        if time.monotonic() > self._until:
            raise UnusableError(say("it takes too long to compute."))
        try:
            outputs = self._outputs(node)
        except UnusableError as error:
            if self._taps:
                raise
            self._trouble = self._trouble or error.reason
            return
        finally:
            self._forget(node)
        for name, value in zip(node.outputs, outputs, strict=False):
            if not name:
                continue
            if not value.live:
                self._folded += value.tensor.numel()
                if self._folded > _MOST_CONSTANTS:
                    raise UnusableError(say("it computes more constants than fit into memory."))
            if self._left[name] or name in self._graph.outputs:
                self._values[name] = value
            self._note(node, name, value)

    def _outputs(self, node: OnnxNode) -> list[Value]:
        operator = OPERATORS.get(node.kind)
        if operator is None:
            raise UnusableError(
                say("it uses the operator {kind}, which is not known here.", kind=node.kind[:60])
            )
        inputs = tuple(self._value(name) for name in node.inputs)
        first = node.inputs[0] if node.inputs else ""
        alone = self._uses[first] == 1 and first not in self._taps
        call = Call(node, inputs, self._steps, self._graph.opset, alone)
        try:
            made = operator(call)
        except (RuntimeError, ValueError, IndexError, TypeError, OverflowError) as error:
            raise call.refused() from error
        return made if isinstance(made, list) else [made]

    def _value(self, name: str) -> Value | None:
        if not name:
            return None
        found = self._values.get(name)
        if found is None:
            array = self._graph.constants.get(name)
            if array is None:
                raise UnusableError(
                    self._trouble or say("its operations are not in an order that can be run.")
                )
            found = self._values[name] = Value(_tensor(array))
        return found

    def _forget(self, node: OnnxNode) -> None:
        """Let go of values nobody needs any more: a deep network's maps would fill the memory."""
        for name in node.inputs:
            self._left[name] -= 1
            if not self._left[name]:
                self._values.pop(name, None)

    def _note(self, node: OnnxNode, name: str, value: Value) -> None:
        if not value.live:
            return
        self._live.add(name)
        names = (name, node.name or name, node.kind)
        layer = layer_of(value.shape, self._sides, self._grids, names)
        if layer is not None:
            layer = replace(layer, joins=self._joins(node))
            self._layers[name] = layer
            if layer.kind != "tokens":
                self._grids.add(layer.grid)
        for tap in {name, node.name} & self._taps:
            if layer is None:
                raise UnusableError(self._no_map(tap, value))
            self._kept.setdefault(tap, value)

    def _joins(self, node: OnnxNode) -> bool:
        """Say whether a block ends here: two ways meet, or an activation follows that."""
        ways = [name for name in node.inputs if name in self._live]
        if node.kind in _JOINING:
            return len(ways) > 1
        before = self._layers.get(node.inputs[0]) if node.inputs else None
        return node.kind in _ACTIVATIONS and before is not None and before.joins

    def _no_map(self, tap: str, value: Value) -> Message:
        return say(
            "the layer “{name}” gives {shape} numbers for a picture of {height} × {width}, and "
            "that is no grid over the picture. Choose another layer.",
            name=tap[:80],
            shape=" × ".join(map(str, value.shape)),
            height=self._sides[0],
            width=self._sides[1],
        )

    def finish(self, taps: Sequence[str]) -> Translation:
        """Turn what was tapped into maps; layers of the same stride become one."""
        maps: dict[int, list[Value]] = {}
        by_node = {layer.node: layer for layer in self._layers.values()}
        for tap in dict.fromkeys(taps):
            layer = self._layers.get(tap) or by_node[tap]
            maps.setdefault(layer.stride, []).append(self._as_map(self._kept[tap], layer))
        found: dict[int, int] = {}
        for stride, values in maps.items():
            joined = values[0] if len(values) == 1 else self._steps.call("concat", *values, axis=1)
            if joined.number is None or joined.number == PIXELS:
                raise UnusableError(say("a layer in it does not depend on the picture."))
            found[stride] = joined.number
        layers = tuple(self._layers.values())
        return Translation(tuple(self._steps.steps), found, layers, self._trouble)

    def _as_map(self, value: Value, layer: OnnxLayer) -> Value:
        """Return a value as a map (1, channels, height, width)."""
        steps = self._steps
        if layer.kind == "channels-last":
            return steps.call("transpose", value, order=(0, 3, 1, 2))
        if layer.kind == "map":
            return value
        if layer.extra:
            end = value.shape[1]
            value = steps.call("slice", value, axis=1, begin=layer.extra, end=end, step=1)
        turned = steps.call("transpose", value, order=(0, 2, 1))
        return steps.call("reshape", turned, shape=(1, layer.channels, *layer.grid))


def _tensor(array: Array) -> torch.Tensor:
    native = array.astype(array.dtype.newbyteorder("="), order="C")  # a copy that may be written
    if native.dtype == np.uint16:
        native = native.astype(np.int32)
    return torch.from_numpy(native)
