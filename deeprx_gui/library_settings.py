"""How this PC follows the library of products: one small file, absent where it does not."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Final

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.library import Following, FollowMode, TrustedKey
from deeprx_gui.domain.message import say
from deeprx_gui.preferences import JsonStore

VERSION = 1
STORE = JsonStore("library of products", VERSION)
SHORTEST: Final = 5.0
LONGEST: Final = 3600.0
_MOST_KEYS = 100
_KEY = re.compile(r"[0-9a-f]{64}", re.ASCII)
_log = logging.getLogger(__name__)


def load(file: Path) -> Following:
    """Return how this PC follows; a file that makes no sense follows nothing. Never raises.

    It never follows less strictly than somebody asked: a damaged key is a key less, and with
    ``signed`` damaged signatures are asked for.
    """
    raw = STORE.load(file)
    if not raw:
        return Following()
    try:
        mode = FollowMode(str(raw.get("mode", FollowMode.OFF.value)))
    except ValueError:
        _log.warning("the way to follow the library makes no sense, so it is off")
        mode = FollowMode.OFF
    every = raw.get("every", 30.0)
    if isinstance(every, bool) or not isinstance(every, int | float):
        every = 30.0
    signed = raw.get("signed", False)
    return Following(
        mode,
        min(max(float(every), SHORTEST), LONGEST),
        signed if isinstance(signed, bool) else True,
        _keys(raw.get("trusted", [])),
    )


def save(following: Following, file: Path) -> None:
    """Write it whole or not at all. Raises RequestError for nonsense, StorageError."""
    check(following)
    STORE.save(
        file,
        {
            "mode": following.mode.value,
            "every": following.every,
            "signed": following.signed,
            "trusted": [{"name": one.name, "key": one.key} for one in following.trusted],
        },
    )


def check(following: Following) -> None:
    """Raise RequestError for what makes no sense."""
    if not SHORTEST <= following.every <= LONGEST:
        raise RequestError(
            say(
                "The library can be looked at every {low} to {high} seconds.",
                low=int(SHORTEST),
                high=int(LONGEST),
            )
        )
    for one in following.trusted:
        check_key(one.key)
    if following.signed and not following.trusted and following.on:
        raise RequestError(
            say(
                "Signatures cannot be asked for while no key is trusted. Add an engineer's public"
                " key with “deeprx library key trust NAME KEY” first."
            )
        )


def check_key(key: str) -> None:
    """Raise RequestError for what is no public key."""
    if not _KEY.fullmatch(key):
        raise RequestError(
            say("A public key is 64 hexadecimal digits, as “deeprx library key show” prints it.")
        )


def _keys(raw: object) -> tuple[TrustedKey, ...]:
    found = []
    for one in raw[:_MOST_KEYS] if isinstance(raw, list) else ():
        name, key = (one.get("name"), one.get("key")) if isinstance(one, dict) else (None, None)
        if isinstance(name, str) and isinstance(key, str) and _KEY.fullmatch(key):
            found.append(TrustedKey(name, key))
        else:
            _log.warning("a trusted key makes no sense and is left out")
    return tuple(found)
