"""One revision as one ``.deeprx`` file: sealed zip, JSON, safetensors, small PNG pictures."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np

from deeprx_gui.domain.arrays import ByteImage
from deeprx_gui.domain.errors import ProfileError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.must_find import MustFindPicture
from deeprx_gui.domain.profile import Profile
from deeprx_gui.profiles import schema
from deeprx_gui.profiles.archive import Archive, check_seal, pack
from deeprx_gui.profiles.document import from_raw, to_raw
from deeprx_gui.profiles.migrations import STEPS, Step, migrate
from deeprx_gui.profiles.must_find_parts import (
    MUST_FIND_KEY,
    must_find_from_raw,
    must_find_parts,
    must_find_to_raw,
)
from deeprx_gui.profiles.png import png_size, read_png, write_png
from deeprx_gui.profiles.tensors import read_arrays, write_arrays
from deeprx_gui.profiles.untrusted_input import (
    MOST_PICTURE_PIXELS,
    MOST_PIXELS_TOGETHER,
    MOST_SAMPLE_PIXELS,
    MOST_SAMPLE_PIXELS_TOGETHER,
    PROFILE,
    REFERENCE,
    STATISTICS,
    THUMBNAIL,
    Raw,
    golden_member,
    limit_sample_member,
    parse_json,
    unsafe,
)

SUFFIX = ".deeprx"


@dataclass(frozen=True, eq=False)
class RevisionHead:
    """A revision without its statistics and golden pictures: what lists and differences need.

    ``hashes`` maps the parts of the file to their SHA-256, ``seal`` is that of the whole file;
    ``profile.statistics`` has no arrays.
    """

    profile: Profile
    hashes: Mapping[str, str]
    seal: str


def encode_parts(profile: Profile) -> dict[str, bytes]:
    """Everything but ``profile.json``: the costly half, free of id, revision and name.

    Raises ProfileError when the profile holds something a file cannot.
    """
    _check_sizes(profile)
    try:
        parts = {golden_member(i): write_png(g.pixels) for i, g in enumerate(profile.golden)}
        if profile.thumbnail is not None:
            parts[THUMBNAIL] = write_png(profile.thumbnail)
        if profile.view.positioning is not None:
            parts[REFERENCE] = write_png(profile.view.positioning.reference)
    except ValueError as error:
        raise _unreadable_picture() from error
    parts |= {limit_sample_member(i): s.png for i, s in enumerate(profile.limit_samples)}
    parts[STATISTICS] = write_arrays(profile.statistics.arrays)
    return parts


def hashes_of(parts: Mapping[str, bytes]) -> dict[str, str]:
    """The SHA-256 of every part, as ``profile.json`` lists them."""
    return {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()}


def seal(
    profile: Profile, parts: Mapping[str, bytes], must_find: Sequence[MustFindPicture] = ()
) -> bytes:
    """The finished file of ``profile`` with the parts that :func:`encode_parts` made.

    ``must_find``: the pictures that travel in it, none for a file of the store. Raises ProfileError
    when this very program would refuse to open the result.
    """
    raw = to_raw(profile)
    if must_find:
        raw[MUST_FIND_KEY] = must_find_to_raw(must_find)
        parts = {**parts, **must_find_parts(must_find)}
    raw["members"] = hashes_of(parts)
    try:
        text = json.dumps(
            raw, allow_nan=False, default=_plain, ensure_ascii=False, indent=1, sort_keys=True
        )
        document = text.encode("utf-8")
    except ValueError as error:
        raise ProfileError(
            say("The profile holds a number or a text that cannot be saved. Learn it again.")
        ) from error
    data = pack({PROFILE: document, **parts})
    decode(io.BytesIO(data))  # a file that could not be opened again must never be written
    return data


def encode(profile: Profile, must_find: Sequence[MustFindPicture] = ()) -> bytes:
    """``profile`` as the bytes of a ``.deeprx`` file; the same profile gives the same bytes."""
    return seal(profile, encode_parts(profile), must_find)


@dataclass(frozen=True, eq=False)
class WholeFile:
    """All that a file holds: the revision, and the must-find pictures that travel with it."""

    profile: Profile
    must_find: tuple[MustFindPicture, ...] = ()


def decode(
    file: BinaryIO, *, steps: Mapping[int, Step] = STEPS, current: int = schema.CURRENT
) -> Profile:
    """Return the revision in a file; see :func:`decode_whole`."""
    return decode_whole(file, steps=steps, current=current).profile


def decode_whole(
    file: BinaryIO, *, steps: Mapping[int, Step] = STEPS, current: int = schema.CURRENT
) -> WholeFile:
    """Read a whole file: seal, parts, hashes, schema, migration, fields, arrays, pictures.

    Raises ProfileError with what is wrong; never gives a profile that differs from the saved one.
    ``steps`` and ``current`` are there for the tests of the migration path.
    """
    check_seal(file)
    archive = Archive(file)
    raw, hashes = _document(archive, steps, current)
    must_find = must_find_from_raw(raw.pop(MUST_FIND_KEY, []), archive, hashes)
    arrays = read_arrays(archive.read(STATISTICS, hashes[STATISTICS]))
    golden = (golden_member(i) for i in range(len(raw["golden"])))
    pictures = _pictures(archive, hashes, golden)
    thumbnail = _picture(archive, hashes, THUMBNAIL)
    reference = _picture(archive, hashes, REFERENCE)
    members = [limit_sample_member(i) for i in range(len(raw.get("limit_samples", [])))]
    samples = [archive.read(member, hashes[member]) for member in members]
    check_sample_pictures(samples)
    profile = from_raw(
        raw,
        arrays=arrays,
        pictures=pictures,
        thumbnail=thumbnail,
        reference=reference,
        samples=samples,
    )
    return WholeFile(profile, must_find)


def sample_pixels(png: bytes) -> ByteImage:
    """Return the pixels of a limit sample, RGB (h, w, 3), read-only.

    They are unpacked only here: a profile is opened far more often than its samples are judged.
    Raises ProfileError when they cannot be.
    """
    try:
        return read_png(png, most_pixels=MOST_SAMPLE_PIXELS)
    except ValueError as error:
        raise _unreadable_picture() from error


def sample_png(pixels: ByteImage) -> bytes:
    """Return RGB pixels (h, w, 3) as a limit sample keeps them.

    Raises ProfileError for a picture that is too large.
    """
    height, width = pixels.shape[:2]
    if height * width > MOST_SAMPLE_PIXELS:
        raise ProfileError(
            say(
                "A limit sample has at most {most} megapixels; this picture has {found}. Use a "
                "smaller picture.",
                most=MOST_SAMPLE_PIXELS // 1_000_000,
                found=f"{height * width / 1e6:.0f}",
            )
        )
    return write_png(pixels)


def check_sample_pictures(samples: Iterable[bytes]) -> None:
    """Look at the heads of encoded limit samples. Raises ProfileError."""
    try:
        areas = [width * height for width, height in map(png_size, samples)]
    except ValueError as error:
        raise _unreadable_picture() from error
    if max(areas, default=0) > MOST_SAMPLE_PIXELS or sum(areas) > MOST_SAMPLE_PIXELS_TOGETHER:
        raise ProfileError(
            say(
                "The limit samples are too large together: at most {most} megapixels. Remove one, "
                "or keep smaller pictures.",
                most=MOST_SAMPLE_PIXELS_TOGETHER // 1_000_000,
            )
        )


def read_head(file: BinaryIO) -> RevisionHead:
    """A glance: ``profile.json`` only, guarded by its checksum instead of the whole seal."""
    archive = Archive(file)
    raw, hashes = _document(archive, STEPS, schema.CURRENT)
    raw.pop(MUST_FIND_KEY, None)
    return RevisionHead(from_raw(raw, arrays={}, pictures=(), thumbnail=None), hashes, archive.seal)


def read_card(file: BinaryIO) -> RevisionHead:
    """A head whose file was read to the end and found undamaged, with its thumbnail."""
    seal_found = check_seal(file)
    archive = Archive(file)
    raw, hashes = _document(archive, STEPS, schema.CURRENT)
    raw.pop(MUST_FIND_KEY, None)
    thumbnail = _picture(archive, hashes, THUMBNAIL)
    return RevisionHead(
        from_raw(raw, arrays={}, pictures=(), thumbnail=thumbnail), hashes, seal_found
    )


def _document(
    archive: Archive, steps: Mapping[int, Step], current: int
) -> tuple[Raw, dict[str, str]]:
    """The migrated and checked dictionary, and the hashes, which leave nothing in the file out."""
    raw = parse_json(archive.read(PROFILE))
    schema.schema_number(raw, current=current)
    raw = migrate(raw, current=current, steps=steps)
    schema.check(raw)
    hashes: dict[str, str] = raw.pop("members")
    named = {golden_member(i) for i in range(len(raw["golden"]))} | {STATISTICS}
    named |= {limit_sample_member(i) for i in range(len(raw.get("limit_samples", [])))}
    named |= {entry["member"] for entry in raw.get(MUST_FIND_KEY, [])}
    if raw["view"]["positioning"] is not None:
        named.add(REFERENCE)
    if {PROFILE, *hashes} != archive.names or named != hashes.keys() - {THUMBNAIL}:
        raise unsafe(say("its parts are not the ones it says it has."))
    return raw, hashes


def _pictures(
    archive: Archive, hashes: Mapping[str, str], members: Iterable[str]
) -> list[ByteImage]:
    left = MOST_PIXELS_TOGETHER
    pictures: list[ByteImage] = []
    for member in members:
        try:
            data = archive.read(member, hashes[member])
            pictures.append(read_png(data, most_pixels=min(left, MOST_PICTURE_PIXELS)))
        except ValueError as error:
            raise _unreadable_picture() from error
        left -= pictures[-1].shape[0] * pictures[-1].shape[1]
    return pictures


def _picture(archive: Archive, hashes: Mapping[str, str], member: str) -> ByteImage | None:
    return _pictures(archive, hashes, [member])[0] if member in hashes else None


def _check_sizes(profile: Profile) -> None:
    """Refuse before a minute is spent on packing what could not be opened again."""
    pixels = [g.pixels.size // 3 for g in profile.golden]
    thumbnail = 0 if profile.thumbnail is None else profile.thumbnail.size // 3
    positioning = profile.view.positioning
    reference = 0 if positioning is None else positioning.reference.size // 3
    most = max([thumbnail, reference, *pixels])
    if most > MOST_PICTURE_PIXELS or sum(pixels) > MOST_PIXELS_TOGETHER:
        raise _unreadable_picture()


def _unreadable_picture() -> ProfileError:
    return ProfileError(say("A picture inside the profile is too large or cannot be read."))


def _plain(value: object) -> object:
    """Settings may hold numpy numbers and read-only mappings; JSON may not."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} does not belong into a profile")
