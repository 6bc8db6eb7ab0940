"""What teaching an autoencoder tells while it runs. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

MOST_STEPS = 400
"""No more steps than this, however many pictures there are."""
MOST_PICTURES = 500
MOST_BYTES = 128 << 20
"""What all pictures to learn from may take together, prepared for the network."""
SEED = 0


@dataclass(frozen=True)
class TeachingStep:
    """One step of at most ``most``. ``error``: the mean error on the pictures it only looks at.

    In units of the standard deviation of the pixels; that of the last look.
    """

    done: int
    most: int
    error: float
