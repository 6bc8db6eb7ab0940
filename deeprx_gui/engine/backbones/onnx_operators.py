"""What each ONNX operator is in steps of a plan: a table. Imports torch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch

from deeprx_gui.domain.message import say
from deeprx_gui.engine.backbones.onnx_call import Call, Operator
from deeprx_gui.engine.backbones.onnx_steps import UnusableError, Value


def _one(function: str, **fixed: float) -> Operator:
    return lambda call: call.steps.call(function, call.value(0), **fixed)


def _two(function: str) -> Operator:
    return lambda call: call.steps.call(function, call.value(0), call.value(1))


def _add(call: Call) -> Value:
    return call.steps.add(call.value(0), call.value(1))


def _divide(call: Call) -> Value:
    a, b = call.value(0), call.value(1)
    if not (a.live or b.live or a.tensor.is_floating_point() or b.tensor.is_floating_point()):
        if not b.tensor.all():
            raise call.refused()
        return Value(torch.div(a.tensor, b.tensor, rounding_mode="trunc"))
    return call.steps.call("divide", a, b)


def _sides(call: Call, kernel: list[int]) -> tuple[list[int], list[int], list[int]]:
    """Return strides, dilations and pads (top, left, bottom, right) of a window of two sides."""
    x = call.value(0)
    if len(x.shape) != 4 or len(kernel) != 2:
        raise UnusableError(say("it does not work on pictures (maps of height and width)."))
    stride, dilation = call.ints("strides") or [1, 1], call.ints("dilations") or [1, 1]
    pads = call.ints("pads") or [0, 0, 0, 0]
    auto = call.word("auto_pad", "NOTSET")
    if auto.startswith("SAME"):
        reach = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
        total = [
            max((-(-side // s) - 1) * s + r - side, 0)
            for side, s, r in zip(x.shape[2:], stride, reach, strict=True)
        ]
        half = [t // 2 for t in total]
        rest = [t - h for t, h in zip(total, half, strict=True)]
        pads = half + rest if auto == "SAME_UPPER" else rest + half
    good = len(stride) == len(dilation) == 2 and len(pads) == 4
    if not good or min(*stride, *dilation, *kernel) < 1 or min(pads) < 0 or max(pads) > 64:
        raise call.refused()
    return stride, dilation, pads


def _conv(call: Call) -> Value:
    weight = call.array(1)
    stride, dilation, pads = _sides(call, list(weight.shape[2:]))
    bias = call.array(2) if call.maybe(2) else np.zeros(len(weight), np.float32)
    groups = call.whole("group", 1)
    width = call.value(0).shape[1]
    if groups < 1 or weight.shape[1] * groups != width or len(weight) % groups:
        raise UnusableError(say("shapes in it do not fit together."))
    return call.steps.convolve(
        call.value(0),
        weight,
        bias,
        stride=stride,
        dilation=dilation,
        groups=groups,
        pads=pads,
    )


def _batch_norm(call: Call) -> Value:
    x, epsilon = call.value(0), call.real("epsilon", 1e-5)
    scale, shift, mean, variance = (call.array(i).astype(np.float64) for i in (1, 2, 3, 4))
    factor = scale / np.sqrt(variance + epsilon)
    offset = shift - mean * factor
    conv = call.steps.last_convolution(x)
    if conv is not None and call.alone and call.steps.steps[-1] is conv:
        weight = (conv.weight * factor[:, None, None, None]).astype(np.float32)
        bias = (conv.bias * factor + offset).astype(np.float32)
        folded = type(conv)(
            conv.source, weight, bias, conv.stride, conv.groups, conv.before, conv.after
        )
        scale_map, shift_map = (_tensor(v).reshape(1, -1, 1, 1) for v in (factor, offset))
        result = x.tensor * scale_map + shift_map
        return call.steps.replace_last(folded, result)
    shape = (1, len(factor), *[1] * (len(x.shape) - 2))
    scaled = call.steps.call("multiply", x, Value(_tensor(factor).reshape(shape)))
    return call.steps.call("add", scaled, Value(_tensor(offset).reshape(shape)))


def _tensor(array: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> torch.Tensor:
    return torch.from_numpy(array.astype(np.float32))


def _clip(call: Call) -> Value:
    def bound(key: str, index: int, default: float) -> float:
        given = call.maybe(index)
        return call.real(key, default) if given is None else float(given.tensor)

    low, high = bound("min", 1, -3e38), bound("max", 2, 3e38)
    if low == 0 and high > 0:
        return call.steps.relu(call.value(0), None if high > 1e38 else high)
    return call.steps.call("clamp", call.value(0), low=low, high=high)


def _pool(call: Call) -> Value:
    kernel = call.ints("kernel_shape") or []
    stride, dilation, pads = _sides(call, kernel)
    if call.whole("ceil_mode", 0) or set(dilation) != {1}:
        raise call.refused()
    if call.node.kind == "MaxPool":
        return call.steps.max_pool(call.value(0), kernel, stride, pads)
    return call.steps.call(
        "average_pool",
        call.value(0),
        kernel=tuple(kernel),
        stride=tuple(stride),
        pads=tuple(pads),
        count_pad=bool(call.whole("count_include_pad", 0)),
    )


def _reduce(function: str) -> Operator:
    def run(call: Call) -> Value:
        rank = len(call.value(0).shape)
        axes = tuple(a % rank for a in call.ints("axes", 1) or range(rank))
        keep = bool(call.whole("keepdims", 1))
        x = call.value(0)
        if not x.live:
            x = Value(x.tensor.to(torch.float32))
        return call.steps.call(function, x, axes=axes, keep=keep)

    return run


def _global_average(call: Call) -> Value:
    return call.steps.call("mean", call.value(0), axes=(2, 3), keep=True)


def _layer_norm(call: Call) -> Value:
    x = call.value(0)
    axis = call.whole("axis", -1) % len(x.shape)
    return _scaled(call, _normalised(call, tuple(range(axis, len(x.shape)))), None)


def _instance_norm(call: Call) -> Value:
    rank = len(call.value(0).shape)
    return _scaled(call, _normalised(call, tuple(range(2, rank))), (1, -1, *[1] * (rank - 2)))


def _normalised(call: Call, axes: tuple[int, ...]) -> Value:
    epsilon = call.real("epsilon", 1e-5)
    return call.steps.call("normalise", call.value(0), axes=axes, epsilon=epsilon)


def _scaled(call: Call, x: Value, shape: tuple[int, ...] | None) -> Value:
    for index, function in ((1, "multiply"), (2, "add")):
        weight = call.maybe(index)
        if weight is not None:
            tensor = weight.tensor if shape is None else weight.tensor.reshape(shape)
            x = call.steps.call(function, x, Value(tensor, weight.number))
    return x


def _gemm(call: Call) -> Value:
    a, b = call.value(0), call.value(1)
    for key, value in (("transA", a), ("transB", b)):
        if call.whole(key, 0):
            turned = call.steps.call("transpose", value, order=(1, 0))
            a, b = (turned, b) if key == "transA" else (a, turned)
    out = call.steps.call("matmul", a, b)
    alpha, beta = call.real("alpha", 1.0), call.real("beta", 1.0)
    if alpha != 1:
        out = call.steps.call("multiply", out, Value(torch.tensor(alpha)))
    c = call.maybe(2)
    if c is not None and beta != 1:
        c = call.steps.call("multiply", c, Value(torch.tensor(beta)))
    return out if c is None else call.steps.call("add", out, c)


def _softmax(call: Call) -> Value:
    x = call.value(0)
    axis = call.whole("axis", -1 if call.opset >= 13 else 1) % len(x.shape)
    if call.opset < 13 and axis != len(x.shape) - 1:
        raise call.refused()
    return call.steps.call("softmax", x, axis=axis)


def _gelu(call: Call) -> Value:
    return call.steps.call("gelu", call.value(0), tanh=call.word("approximate", "none") == "tanh")


def _hard_sigmoid(call: Call) -> Value:
    alpha, beta = call.real("alpha", 0.2), call.real("beta", 0.5)
    return call.steps.call("hard_sigmoid", call.value(0), alpha=alpha, beta=beta)


def _hard_swish(call: Call) -> Value:
    gate = call.steps.call("hard_sigmoid", call.value(0), alpha=1 / 6, beta=0.5)
    return call.steps.call("multiply", call.value(0), gate)


def _mish(call: Call) -> Value:
    gate = call.steps.call("tanh", call.steps.call("softplus", call.value(0)))
    return call.steps.call("multiply", call.value(0), gate)


def _prelu(call: Call) -> Value:
    zero = Value(torch.zeros(1))
    above = call.steps.call("maximum", call.value(0), zero)
    below = call.steps.call("minimum", call.value(0), zero)
    return call.steps.call("add", above, call.steps.call("multiply", below, call.value(1)))


def _reciprocal(call: Call) -> Value:
    return call.steps.call("divide", Value(torch.ones(1)), call.value(0))


def _many(function: str) -> Operator:
    def run(call: Call) -> Value:
        total = call.value(0)
        for index in range(1, len(call.inputs)):
            total = call.steps.call(function, total, call.value(index))
        return total

    return run


def _pass(call: Call) -> Value:
    return call.value(0)


def _resize(call: Call) -> Value:
    x, mode = call.value(0), call.word("mode", "nearest")
    scales, sizes = call.maybe(1 if call.node.kind == "Upsample" else 2), call.maybe(3)
    if len(x.shape) != 4 or mode not in ("nearest", "linear") or not x.live:
        raise call.refused()
    if sizes is not None:
        wanted = [a / b for a, b in zip(sizes.ints(), x.shape, strict=True)]
    elif scales is not None and not scales.live:
        wanted = [float(v) for v in scales.tensor.tolist()]
    else:
        raise call.refused()
    how = call.word("coordinate_transformation_mode", "half_pixel")
    plain = {
        "linear": ("half_pixel", "pytorch_half_pixel"),
        "nearest": ("asymmetric", "half_pixel"),
    }
    whole = len(wanted) == 4 and wanted[:2] == [1, 1] and all(v == int(v) >= 1 for v in wanted)
    rounding = call.word("nearest_mode", "round_prefer_floor")
    odd = mode == "nearest" and how == "asymmetric" and rounding != "floor"
    if not whole or how not in plain[mode] or odd:
        raise call.refused()
    scale = (int(wanted[2]), int(wanted[3]))
    return call.steps.call("resize", x, scale=scale, mode=mode)


ELEMENTWISE: Mapping[str, Operator] = {
    "Abs": _one("absolute"),
    "Neg": _one("negative"),
    "Sqrt": _one("sqrt"),
    "Exp": _one("exp"),
    "Log": _one("log"),
    "Erf": _one("erf"),
    "Sigmoid": _one("sigmoid"),
    "Tanh": _one("tanh"),
    "Softplus": _one("softplus"),
    "Relu": lambda call: call.steps.relu(call.value(0)),
    "LeakyRelu": lambda c: c.steps.call("leaky_relu", c.value(0), slope=c.real("alpha", 0.01)),
    "Elu": lambda c: c.steps.call("elu", c.value(0), alpha=c.real("alpha", 1.0)),
    "PRelu": _prelu,
    "Clip": _clip,
    "Gelu": _gelu,
    "HardSigmoid": _hard_sigmoid,
    "HardSwish": _hard_swish,
    "Mish": _mish,
    "Reciprocal": _reciprocal,
    "Add": _add,
    "Sub": _two("subtract"),
    "Mul": _two("multiply"),
    "Div": _divide,
    "Pow": _two("power"),
    "Max": _many("maximum"),
    "Min": _many("minimum"),
    "Sum": _many("add"),
    "Identity": _pass,
    "Dropout": _pass,
}
LAYERS: Mapping[str, Operator] = {
    "Conv": _conv,
    "BatchNormalization": _batch_norm,
    "LayerNormalization": _layer_norm,
    "InstanceNormalization": _instance_norm,
    "MatMul": _two("matmul"),
    "Gemm": _gemm,
    "Softmax": _softmax,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "GlobalAveragePool": _global_average,
    "ReduceMean": _reduce("mean"),
    "ReduceSum": _reduce("sum"),
    "ReduceMax": _reduce("largest"),
    "Resize": _resize,
    "Upsample": _resize,
}
