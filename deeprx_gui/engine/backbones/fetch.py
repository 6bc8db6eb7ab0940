"""Downloading published weights: the only module that uses the network. Imports torchvision."""

from __future__ import annotations

from http.client import HTTPException
from pathlib import Path

import torch
from torchvision import models

from deeprx_gui.domain.errors import BackboneError
from deeprx_gui.domain.message import say
from deeprx_gui.engine.backbones.catalogue import BackboneSpec


def weights_url(spec: BackboneSpec) -> str:
    """Return torchvision's address of the weights named by ``spec.fetch``."""
    enum_name, _, entry = (spec.fetch or "").partition(".")
    return str(getattr(models, enum_name)[entry].url)


def download(spec: BackboneSpec, folder: Path) -> Path:
    """Download the weights into ``folder``, which exists; raises BackboneError when that fails.

    torch checks the hash in the file's name while it downloads.
    """
    url = weights_url(spec)
    target = folder / url.rsplit("/", 1)[-1]
    try:
        torch.hub.download_url_to_file(
            url, str(target), hash_prefix=target.stem.rsplit("-", 1)[-1], progress=False
        )
    except (OSError, RuntimeError, HTTPException) as error:
        target.unlink(missing_ok=True)
        raise BackboneError(
            say(
                "{name} could not be downloaded: {reason}. Check the network, "
                "or bring the file {file} from another PC and import it.",
                name=spec.name,
                reason=str(error) or type(error).__name__,
                file=target.name,
            )
        ) from error
    return target
