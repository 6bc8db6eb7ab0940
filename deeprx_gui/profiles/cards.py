"""Profile cards: one per profile; a damaged profile does not hide the others."""

from __future__ import annotations

from deeprx_gui.domain.errors import DeepRxError, ProfileError
from deeprx_gui.domain.message import say
from deeprx_gui.domain.profile_card import ProfileCard
from deeprx_gui.profiles.folder import ProfileFolder
from deeprx_gui.profiles.journal import label


def make_card(folder: ProfileFolder) -> ProfileCard:
    """The card of one profile; every byte of its current revision is checked.

    Raises no ProfileError or StorageError: they become the card's ``problem``.
    """
    revision, revisions = 0, 0
    try:
        revisions = len(folder.revisions())
        revision = folder.current()
        head = folder.card(revision)
    except DeepRxError as error:
        problem = explained(folder, revision, error).message if revision else error.message
        return ProfileCard(folder.id, folder.name(), revision, revisions, problem=problem)
    profile = head.profile
    return ProfileCard(
        id=folder.id,
        name=profile.name,
        revision=revision,
        revisions=revisions,
        saved_at=profile.origin.when,
        last_used=folder.last_used(),
        who=profile.origin.who,
        normals=len(profile.normals),
        backbone=profile.backbone.name,
        detector=profile.detector.name,
        thumbnail=profile.thumbnail,
    )


def foreign_card(name: str) -> ProfileCard:
    """The card for a folder with revision files that this program did not make (a copy by hand)."""
    return ProfileCard(
        name,
        name,
        0,
        0,
        problem=say(
            "The folder “{folder}” among the profiles was not made by this program. Move it away"
            " and import the newest file in it.",
            folder=name,
        ),
    )


def explained(folder: ProfileFolder, revision: int, error: DeepRxError) -> ProfileError:
    """The error for a revision that cannot be used, with the way out: which one to roll back to."""
    sound = folder.newest_sound(but=revision)
    values = {"revision": label(revision), "name": folder.name(), "reason": error.message}
    if sound is None:
        return ProfileError(
            say(
                "{revision} of “{name}” cannot be used. {reason} No other revision can be used"
                " either: import an exported copy.",
                **values,
            )
        )
    return ProfileError(
        say(
            "{revision} of “{name}” cannot be used. {reason} The other revisions are not affected:"
            " you can roll back to {other}.",
            other=label(sound),
            **values,
        )
    )
