"""What is on this PC of a product that other PCs have too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from deeprx_gui.domain.errors import DeepRxError
from deeprx_gui.domain.profile import Profile
from deeprx_gui.profiles.codec import encode_parts, hashes_of
from deeprx_gui.profiles.document import to_raw
from deeprx_gui.profiles.folder import ProfileFolder
from deeprx_gui.profiles.incoming_profile import folder_of_lineage


@dataclass(frozen=True)
class ProductHere:
    """A product on this PC.

    ``revision`` is in use (0: none that can be read), ``mark`` its saved state. ``held``: the
    revisions here by mark. ``expected``: what ``ProfileStore.import_revision`` expects in use.
    """

    id: str
    name: str
    revision: int
    mark: str
    held: Mapping[str, int]
    expected: int


def product_here(lineage: str, folders: Iterable[ProfileFolder]) -> ProductHere | None:
    """Return the product of a lineage id. Raises StorageError."""
    folder = folder_of_lineage(lineage, folders)
    if folder is None:
        return None
    lineages = folder.lineages()
    held = {one.mark: revision for revision, one in lineages.items()}
    revision = expected = 0
    try:
        revision = folder.current()
        expected = revision if revision in lineages else 0
        folder.card(revision)  # read to the last byte: a damaged one is not in use
    except DeepRxError:
        return ProductHere(folder.id, folder.name(), 0, "", held, expected)
    return ProductHere(folder.id, folder.name(), revision, lineages[revision].mark, held, expected)


def is_same_state(profile: Profile, folder: ProfileFolder, revision: int) -> bool:
    """Whether a revision holds just what ``profile`` does: every part and field, name apart.

    Raises ProfileError where the revision cannot be read.
    """
    here = folder.load(revision)
    same_parts = folder.card(revision).hashes == hashes_of(encode_parts(profile))
    return same_parts and _travels(here) == _travels(profile)


def _travels(profile: Profile) -> dict[str, object]:
    """Return the fields that a state has on every PC."""
    return to_raw(replace(profile, id="", revision=0, name=""))
