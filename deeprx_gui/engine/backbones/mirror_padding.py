"""What a convolution sees beyond the border of a map: its mirror image. Imports torch.

Zeros there make the features of every border position unlike those of the interior. One Gaussian
for all positions then spends its covariance on the frame, and the highest score of a good part lies
on its border. See docs/adr/0004-mirrored-borders.md for the measurements.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch.nn.functional as nnf
from torch import Tensor, nn


def mirror_pad(maps: Tensor, pads: Sequence[int]) -> Tensor:
    """Pad maps (n, channels, h, w) by reflection, by repetition where they are too small.

    ``pads``: columns left and right, rows above and below.
    """
    reach = max(pads)
    small = reach >= min(maps.shape[-1], maps.shape[-2])
    return nnf.pad(maps, tuple(pads), mode="replicate" if small else "reflect")


class MirrorConv2d(nn.Conv2d):
    """A padded convolution whose border is mirrored."""

    def forward(self, maps: Tensor) -> Tensor:
        """Convolve maps (n, channels, h, w); the shape is that of the zero-padded convolution."""
        down, across = self.mirrored
        x = mirror_pad(maps, (across, across, down, down))
        return nnf.conv2d(x, self.weight, self.bias, self.stride, 0, self.dilation, self.groups)

    mirrored: tuple[int, int] = (0, 0)


def mirror_borders(module: nn.Module) -> None:
    """Turn every zero-padded convolution of a network into a mirrored one, weights untouched."""
    for child in module.modules():
        if type(child) is nn.Conv2d and isinstance(child.padding, tuple) and any(child.padding):
            child.__class__ = MirrorConv2d
            assert isinstance(child, MirrorConv2d)
            child.mirrored = (child.padding[0], child.padding[1])
            child.padding = (0, 0)
