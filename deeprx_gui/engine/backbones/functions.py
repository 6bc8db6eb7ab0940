"""The general functions of a plan in torch. Imports torch."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import cast

import torch
import torch.nn.functional as nnf
from torch import Tensor

from deeprx_gui.engine.backbones.plan import Number

Numbers = Mapping[str, Number]
Function = Callable[[Sequence[Tensor], Numbers], Tensor]


def ints(numbers: Numbers, key: str) -> tuple[int, ...]:
    """Return a number of a step that is a list of whole ones."""
    return cast("tuple[int, ...]", numbers[key])


def one(numbers: Numbers, key: str) -> int:
    """Return a whole number of a step."""
    return cast("int", numbers[key])


def real(numbers: Numbers, key: str) -> float:
    """Return a number of a step."""
    return float(cast("float", numbers[key]))


def _plain(call: Callable[..., Tensor]) -> Function:
    return lambda values, _numbers: call(*values)


def _normalise(values: Sequence[Tensor], numbers: Numbers) -> Tensor:
    (x,), axes = values, ints(numbers, "axes")
    centred = x - x.mean(axes, keepdim=True)
    variance = (centred * centred).mean(axes, keepdim=True)
    return centred / torch.sqrt(variance + real(numbers, "epsilon"))


def _slice(values: Sequence[Tensor], numbers: Numbers) -> Tensor:
    (x,), axis = values, one(numbers, "axis")
    cut = [slice(None)] * x.dim()
    cut[axis] = slice(one(numbers, "begin"), one(numbers, "end"), one(numbers, "step"))
    return x[tuple(cut)]


def _pad(values: Sequence[Tensor], numbers: Numbers) -> Tensor:
    (x,), begin, end = values, ints(numbers, "begin"), ints(numbers, "end")
    mode = {"constant": "constant", "reflect": "reflect", "edge": "replicate"}[str(numbers["mode"])]
    if mode == "constant":
        pairs = [n for axis in reversed(range(x.dim())) for n in (begin[axis], end[axis])]
        return nnf.pad(x, pairs, value=real(numbers, "value"))
    return nnf.pad(x, (begin[3], end[3], begin[2], end[2]), mode=mode)


def _average_pool(values: Sequence[Tensor], numbers: Numbers) -> Tensor:
    (x,) = values
    kernel, stride = ints(numbers, "kernel"), ints(numbers, "stride")
    top, left, bottom, right = ints(numbers, "pads")
    total = nnf.avg_pool2d(nnf.pad(x, (left, right, top, bottom)), kernel, stride)
    if numbers["count_pad"] or not (top or left or bottom or right):
        return total
    inside = nnf.pad(torch.ones_like(x[:, :1]), (left, right, top, bottom))
    return total / nnf.avg_pool2d(inside, kernel, stride)


def _max_pool(values: Sequence[Tensor], numbers: Numbers) -> Tensor:
    top, left, bottom, right = ints(numbers, "pads")
    x = nnf.pad(values[0], (left, right, top, bottom), value=-math.inf)
    return nnf.max_pool2d(x, ints(numbers, "kernel"), ints(numbers, "stride"))


def _resize(values: Sequence[Tensor], numbers: Numbers) -> Tensor:
    height, width = (float(n) for n in ints(numbers, "scale"))
    mode = {"nearest": "nearest", "linear": "bilinear"}[str(numbers["mode"])]
    return nnf.interpolate(values[0], scale_factor=(height, width), mode=mode)


FUNCTIONS: Mapping[str, Function] = {
    "add": _plain(torch.add),
    "subtract": _plain(torch.sub),
    "multiply": _plain(torch.mul),
    "divide": _plain(torch.div),
    "power": _plain(torch.pow),
    "maximum": _plain(torch.maximum),
    "minimum": _plain(torch.minimum),
    "matmul": _plain(torch.matmul),
    "absolute": _plain(torch.abs),
    "negative": _plain(torch.neg),
    "sqrt": _plain(torch.sqrt),
    "exp": _plain(torch.exp),
    "log": _plain(torch.log),
    "erf": _plain(torch.erf),
    "sigmoid": _plain(torch.sigmoid),
    "tanh": _plain(torch.tanh),
    "softplus": _plain(nnf.softplus),
    "clamp": lambda v, n: v[0].clamp(real(n, "low"), real(n, "high")),
    "hard_sigmoid": lambda v, n: (v[0] * real(n, "alpha") + real(n, "beta")).clamp(0, 1),
    "leaky_relu": lambda v, n: nnf.leaky_relu(v[0], real(n, "slope")),
    "elu": lambda v, n: nnf.elu(v[0], real(n, "alpha")),
    "gelu": lambda v, n: nnf.gelu(v[0], approximate="tanh" if n["tanh"] else "none"),
    "softmax": lambda v, n: torch.softmax(v[0], one(n, "axis")),
    "mean": lambda v, n: v[0].mean(ints(n, "axes"), keepdim=bool(n["keep"])),
    "sum": lambda v, n: v[0].sum(ints(n, "axes"), keepdim=bool(n["keep"])),
    "largest": lambda v, n: v[0].amax(ints(n, "axes"), keepdim=bool(n["keep"])),
    "normalise": _normalise,
    "reshape": lambda v, n: v[0].reshape(ints(n, "shape")),
    "transpose": lambda v, n: v[0].permute(ints(n, "order")),
    "slice": _slice,
    "concat": lambda v, n: torch.cat(list(v), one(n, "axis")),
    "expand": lambda v, n: v[0].expand(ints(n, "shape")),
    "gather": lambda v, n: v[0].index_select(
        one(n, "axis"), torch.tensor(ints(n, "indices"), device=v[0].device)
    ),
    "pad": _pad,
    "convolve": lambda v, n: nnf.conv2d(
        v[0], v[1], None, ints(n, "stride"), 0, ints(n, "dilation"), one(n, "groups")
    ),
    "average_pool": _average_pool,
    "max_pool": _max_pool,
    "resize": _resize,
}
