"""The general functions a plan may use: what each gets and what its numbers are called.

One meaning, two implementations: ``functions`` (torch) and ``runtimes/openvino_functions``. A test
runs every one of them on both.
"""

from __future__ import annotations

FUNCTION_NAMES = frozenset(
    {
        # two values, broadcast as numpy does
        "add",
        "subtract",
        "multiply",
        "divide",
        "power",
        "maximum",
        "minimum",
        "matmul",
        # one value, number by number
        "absolute",
        "negative",
        "sqrt",
        "exp",
        "log",
        "erf",
        "sigmoid",
        "tanh",
        "softplus",
        "clamp",  # low, high
        "hard_sigmoid",  # alpha, beta
        "leaky_relu",  # slope
        "elu",  # alpha
        "gelu",  # tanh: whether by that approximation
        # along axes
        "softmax",  # axis
        "mean",  # axes, keep
        "sum",  # axes, keep
        "largest",  # axes, keep
        "normalise",  # axes, epsilon: mean 0, variance 1
        # another shape
        "reshape",  # shape
        "transpose",  # order
        "slice",  # axis, begin, end, step
        "concat",  # axis
        "expand",  # shape
        "gather",  # axis, indices
        "pad",  # begin, end, mode (constant, reflect, edge), value
        # maps (1, channels, height, width); pairs are along height and width
        "convolve",  # a map and weights: stride, dilation, groups; no border
        "average_pool",  # kernel, stride, pads (top, left, bottom, right), count_pad
        "max_pool",  # kernel, stride, pads
        "resize",  # scale, mode (nearest, linear)
    }
)
