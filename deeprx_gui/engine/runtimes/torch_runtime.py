"""torch on the CPU or on an NVIDIA card. Imports torch: only ever imported in a worker."""

from __future__ import annotations

import platform
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as nnf
from torch import Tensor, nn

from deeprx_gui.domain.arrays import ByteImage, Float32
from deeprx_gui.domain.message import Message, say
from deeprx_gui.engine.backbones.autoencoder import AutoencoderNetwork
from deeprx_gui.engine.backbones.catalogue import BackboneSpec
from deeprx_gui.engine.backbones.loading import load_network
from deeprx_gui.engine.backbones.plan import NetworkPlan
from deeprx_gui.engine.backbones.plan_cache import PlanCache
from deeprx_gui.engine.backbones.plan_network import PlanNetwork
from deeprx_gui.engine.backbones.weights import Weights
from deeprx_gui.engine.bank_head import BankHead
from deeprx_gui.engine.heads import Head, MahalanobisHead, SupportsHomeGrid, WhitenerBlock
from deeprx_gui.engine.position_heads import LocalHead
from deeprx_gui.engine.runtimes.base import MapWithTaps, RuntimeInfo, numpy_scorer_with_taps
from deeprx_gui.engine.tap_maps import TapMaps

ScoreOnDevice = Callable[[list[Tensor]], Tensor]


def cuda_problem() -> Message | None:
    """Return why CUDA cannot be used here, ``None`` when it can."""
    if torch.cuda.is_available():
        return None
    return say("This PC has no NVIDIA card that torch can use. Choose the runtime “auto”.")


def open_cpu(
    weights: Weights | AutoencoderNetwork, taps: tuple[int, ...], _cache: Path | None = None
) -> TorchExtractor:
    """Load a backbone on the CPU; torch needs no cache."""
    info = RuntimeInfo("torch-cpu", platform.processor() or platform.machine())
    return TorchExtractor(weights, taps, torch.device("cpu"), info)


def open_cuda(
    weights: Weights | AutoencoderNetwork, taps: tuple[int, ...], _cache: Path | None = None
) -> TorchExtractor:
    """Load a backbone on the first NVIDIA card; torch needs no cache."""
    info = RuntimeInfo("torch-cuda", torch.cuda.get_device_name(0))
    # TF32 keeps 10 bits of the mantissa: golden images would no longer agree between PCs.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    return TorchExtractor(weights, taps, torch.device("cuda", 0), info)


class TorchExtractor:
    """One backbone in torch on one device; pixels go there once, the score map comes back once."""

    def __init__(
        self,
        weights: Weights | AutoencoderNetwork,
        taps: tuple[int, ...],
        device: torch.device,
        info: RuntimeInfo,
    ) -> None:
        self.info = info
        self._device = device
        network: nn.Module
        norm: NetworkPlan | BackboneSpec
        if isinstance(weights, AutoencoderNetwork):
            network, norm = PlanNetwork(weights.plan, taps).eval(), weights.plan
        elif weights.spec.imported is not None or weights.prepared:
            norm = PlanCache(None).plan(weights)
            network = PlanNetwork(norm, taps).eval()
        else:
            network, norm = load_network(weights, taps), weights.spec
        self._network = network.to(device).to(memory_format=torch.channels_last)
        shape = (1, 3, 1, 1)
        self._mean = torch.tensor(norm.mean, device=device).reshape(shape)
        self._scale = 1.0 / torch.tensor(norm.std, device=device).reshape(shape)

    def _forward(self, pixels: ByteImage) -> list[Tensor]:
        """Return the maps (channels, h, w) on the device, coarsest first."""
        raw = torch.from_numpy(np.require(pixels, requirements=["C", "W"]))
        # (h, w, 3) seen as (1, 3, h, w) is already channels-last: no copy is made
        x = raw.to(self._device).permute(2, 0, 1)[None].to(torch.float32)
        x = (x - self._mean) * self._scale
        maps: list[Tensor] = self._network(x)
        return [m[0] for m in reversed(maps)]

    def taps(self, pixels: ByteImage) -> TapMaps:
        """Return the feature maps as contiguous arrays."""
        with torch.inference_mode():
            return _in_memory(self._forward(pixels))

    def compute(self, pixels: ByteImage) -> None:
        """Compute the feature maps and leave them where they are; wait until they are there."""
        with torch.inference_mode():
            if self._forward(pixels)[0].is_cuda:
                torch.cuda.synchronize(self._device)

    def scorer(self, head: Head) -> Callable[[ByteImage], Float32]:
        """Compute the head on the device where it is known there, else in numpy."""
        make = HEADS.get(type(head))
        if make is None:
            return lambda pixels: head.score_map(self.taps(pixels))
        score = make(head, self._device)

        def run(pixels: ByteImage) -> Float32:
            with torch.inference_mode():
                maps = self._forward(pixels)
                if isinstance(head, SupportsHomeGrid) and head.home != tuple(
                    (m.shape[1], m.shape[2]) for m in maps
                ):
                    return head.score_map(_in_memory(maps))
                return np.asarray(score(maps).cpu().numpy(), np.float32)

        return run

    def scorer_with_taps(self, head: Head) -> Callable[[ByteImage], MapWithTaps]:
        """Compute the head on the device where it is known there, else in numpy."""
        make = HEADS.get(type(head))
        if make is None:
            return numpy_scorer_with_taps(self, head)
        score = make(head, self._device)

        def run(pixels: ByteImage) -> MapWithTaps:
            with torch.inference_mode():
                maps = self._forward(pixels)
                return np.asarray(score(maps).cpu().numpy(), np.float32), _in_memory(maps)

        return run


def _in_memory(maps: list[Tensor]) -> TapMaps:
    return TapMaps(tuple(np.ascontiguousarray(m.cpu().numpy()) for m in maps))


def mahalanobis(head: Head, device: torch.device) -> ScoreOnDevice:
    """``MahalanobisHead`` on a device: each tap whitened on its own grid (see ``heads``)."""
    assert isinstance(head, MahalanobisHead)
    return _distance(head.blocks, head.offset[:, None, None], device, squared=head.squared)


def local(head: Head, device: torch.device) -> ScoreOnDevice:
    """``LocalHead`` on a device, for pictures whose grids are those of its reference."""
    assert isinstance(head, LocalHead)
    return _distance(head.blocks, head.offset, device, squared=head.squared)


def _distance(
    blocks: tuple[WhitenerBlock, ...], centre: Float32, device: torch.device, *, squared: bool
) -> ScoreOnDevice:
    """‖Wf - centre‖ at each position; ``centre`` is (channels, 1, 1) or (channels, h, w)."""
    weights = [(b.first_row, torch.from_numpy(b.weight).to(device)) for b in blocks]
    offset = torch.from_numpy(centre).to(device)
    everywhere = centre.shape[1:] == (1, 1)

    def score(maps: list[Tensor]) -> Tensor:
        size = maps[-1].shape[-2:]
        total: Tensor | None = None
        for (first, weight), features in zip(weights, maps, strict=True):
            count, h, w = features.shape
            partial = (weight @ features.reshape(count, h * w)).reshape(-1, h, w)
            if total is None and everywhere:
                # on the coarsest grid: interpolation leaves a constant as it is
                partial = partial - offset
            if partial.shape[-2:] != size:
                partial = nnf.interpolate(partial[None], size, mode="bilinear")[0]
            if total is None:
                total = partial if everywhere else partial - offset
            else:
                total[first:] += partial
        assert total is not None
        squares = torch.einsum("chw,chw->hw", total, total)
        return squares if squared else squares.sqrt()

    return score


def nearest(head: Head, device: torch.device) -> ScoreOnDevice:
    """``BankHead`` on a device, a block of the bank after the other (see there)."""
    assert isinstance(head, BankHead)
    centres = [torch.from_numpy(c.reshape(-1, 1, 1)).to(device) for c in head.centres]
    blocks: dict[int, list[tuple[list[Tensor], Tensor]]] = {}

    def split(positions: int) -> list[tuple[list[Tensor], Tensor]]:
        if positions not in blocks:
            blocks.clear()  # those for the last picture size only: they are as large as the bank
            blocks[positions] = [
                (
                    [torch.from_numpy(w).to(device) for w in block.weights],
                    torch.from_numpy(block.halves[:, None]).to(device),
                )
                for block in head.blocks(positions)
            ]
        return blocks[positions]

    def score(maps: list[Tensor]) -> Tensor:
        size = maps[-1].shape[-2:]
        away = [
            nnf.avg_pool2d(m[None], 3, stride=1, padding=1)[0] - c
            for m, c in zip(maps, centres, strict=True)
        ]
        largest: Tensor | None = None
        for weights, halves in split(size[0] * size[1]):
            products: Tensor | None = None
            for m, weight in zip(away, weights, strict=True):
                part = weight @ m.flatten(1)
                if products is None:
                    part = part - halves
                part = _enlarged(part.reshape(-1, *m.shape[1:]), size)
                products = part if products is None else products + part
            assert products is not None
            best = products.amax(0)
            largest = best if largest is None else torch.maximum(largest, best)
        assert largest is not None
        squares = torch.stack([_enlarged(m, size).square().sum(0) for m in away]).sum(0)
        return (squares - 2 * largest).abs().sqrt()

    return score


def _enlarged(maps: Tensor, size: torch.Size) -> Tensor:
    if maps.shape[-2:] == size:
        return maps
    return nnf.interpolate(maps[None], size, mode="bilinear")[0]


HEADS: dict[type, Callable[[Head, torch.device], ScoreOnDevice]] = {
    MahalanobisHead: mahalanobis,
    LocalHead: local,
    BankHead: nearest,
}
