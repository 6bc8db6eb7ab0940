"""The general functions of a plan as nodes of an OpenVINO graph. Imports openvino."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from deeprx_gui.engine.backbones.plan import Number
from deeprx_gui.engine.runtimes.quiet_openvino import Value, ops

Numbers = Mapping[str, Number]
Function = Callable[[Sequence[Value], Mapping[str, Any]], Value]


def _plain(node: Callable[..., Value]) -> Function:
    return lambda values, _numbers: node(*values)


def _list(values: Sequence[int]) -> Value:
    return ops.constant(np.array(values, np.int64))


def _scalar(value: float) -> Value:
    return ops.constant(np.float32(value))


def _slice(values: Sequence[Value], n: Mapping[str, Any]) -> Value:
    return ops.slice(
        values[0], _list([n["begin"]]), _list([n["end"]]), _list([n["step"]]), _list([n["axis"]])
    )


def _pad(values: Sequence[Value], n: Mapping[str, Any]) -> Value:
    begin, end = _list(n["begin"]), _list(n["end"])
    if n["mode"] == "constant":
        return ops.pad(values[0], begin, end, "constant", _scalar(n["value"]))
    return ops.pad(values[0], begin, end, n["mode"])


def _convolve(values: Sequence[Value], n: Mapping[str, Any]) -> Value:
    (maps, weight), groups, none = values, n["groups"], [0, 0]
    stride, dilation = list(n["stride"]), list(n["dilation"])
    if groups == 1:
        return ops.convolution(maps, weight, stride, none, none, dilation)
    outputs, *rest = weight.shape
    split = ops.reshape(weight, _list([groups, outputs // groups, *rest]), special_zero=False)
    return ops.group_convolution(maps, split, stride, none, none, dilation)


def _average_pool(values: Sequence[Value], n: Mapping[str, Any]) -> Value:
    top, left, bottom, right = n["pads"]
    return ops.avg_pool(
        values[0],
        list(n["stride"]),
        [top, left],
        [bottom, right],
        list(n["kernel"]),
        exclude_pad=not n["count_pad"],
    )


def _max_pool(values: Sequence[Value], n: Mapping[str, Any]) -> Value:
    top, left, bottom, right = n["pads"]
    move, kernel = list(n["stride"]), list(n["kernel"])
    return ops.max_pool(values[0], move, [1, 1], [top, left], [bottom, right], kernel).output(0)


def _resize(values: Sequence[Value], n: Mapping[str, Any]) -> Value:
    scales, axes = ops.constant(np.array(n["scale"], np.float32)), _list([2, 3])
    if n["mode"] == "nearest":
        how = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
        return ops.interpolate(values[0], scales, "nearest", "scales", axes=axes, **how)
    half = {"coordinate_transformation_mode": "half_pixel"}
    return ops.interpolate(values[0], scales, "linear_onnx", "scales", axes=axes, **half)


FUNCTIONS: Mapping[str, Function] = {
    "add": _plain(ops.add),
    "subtract": _plain(ops.subtract),
    "multiply": _plain(ops.multiply),
    "divide": _plain(ops.divide),
    "power": _plain(ops.power),
    "maximum": _plain(ops.maximum),
    "minimum": _plain(ops.minimum),
    "matmul": lambda v, _n: ops.matmul(v[0], v[1], False, False),
    "absolute": _plain(ops.absolute),
    "negative": _plain(ops.negative),
    "sqrt": _plain(ops.sqrt),
    "exp": _plain(ops.exp),
    "log": _plain(ops.log),
    "erf": _plain(ops.erf),
    "sigmoid": _plain(ops.sigmoid),
    "tanh": _plain(ops.tanh),
    "softplus": _plain(ops.softplus),
    "clamp": lambda v, n: ops.clamp(v[0], n["low"], n["high"]),
    "hard_sigmoid": lambda v, n: ops.hard_sigmoid(v[0], _scalar(n["alpha"]), _scalar(n["beta"])),
    "leaky_relu": lambda v, n: ops.prelu(v[0], _scalar(n["slope"])),
    "elu": lambda v, n: ops.elu(v[0], n["alpha"]),
    "gelu": lambda v, n: ops.gelu(v[0], "tanh" if n["tanh"] else "erf"),
    "softmax": lambda v, n: ops.softmax(v[0], n["axis"]),
    "mean": lambda v, n: ops.reduce_mean(v[0], _list(n["axes"]), n["keep"]),
    "sum": lambda v, n: ops.reduce_sum(v[0], _list(n["axes"]), n["keep"]),
    "largest": lambda v, n: ops.reduce_max(v[0], _list(n["axes"]), n["keep"]),
    "normalise": lambda v, n: ops.mvn(
        v[0],
        _list(n["axes"]),
        normalize_variance=True,
        eps=n["epsilon"],
        eps_mode="inside_sqrt",
    ),
    "reshape": lambda v, n: ops.reshape(v[0], _list(n["shape"]), special_zero=False),
    "transpose": lambda v, n: ops.transpose(v[0], _list(n["order"])),
    "slice": _slice,
    "concat": lambda v, n: ops.concat(list(v), n["axis"]),
    "expand": lambda v, n: ops.broadcast(v[0], _list(n["shape"])),
    "gather": lambda v, n: ops.gather(v[0], _list(n["indices"]), _list([n["axis"]])),
    "pad": _pad,
    "convolve": _convolve,
    "average_pool": _average_pool,
    "max_pool": _max_pool,
    "resize": _resize,
}
