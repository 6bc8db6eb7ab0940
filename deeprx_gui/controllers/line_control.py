"""What receivers and people outside the window may ask of the line, from any thread."""

from __future__ import annotations

from deeprx_gui.domain.errors import RequestError
from deeprx_gui.domain.line_status import LineProduct, LineStatus
from deeprx_gui.domain.message import say
from deeprx_gui.state.profiles import ProfilesModel
from deeprx_gui.work.controls import LiveControls


class LineControl:
    """Made before the station and the run: both get it whole.

    ``run`` holds the controls of the present or the last run, ``in_use`` the id of its product.
    """

    def __init__(self, profiles: ProfilesModel) -> None:
        self.run = LiveControls()
        self.in_use = ""
        self._profiles = profiles

    def fire(self, serial: str = "", origin: str = "") -> int:
        """Take a picture of the part that lies there now; from any thread, at once.

        Returns the number of the trigger. ``origin``: where the trigger comes from, if it may
        bounce there. Raises RequestError when no picture can be taken now.
        """
        answer = self.run.fire(serial, origin)
        if answer.problem is not None:
            raise RequestError(answer.problem)
        return answer.number

    def status(self) -> LineStatus:
        """Return how the present or the last run stands."""
        return self.run.status()

    def begin(self, product: str) -> LiveControls:
        """Return the controls of a new run, of the product with this id."""
        self.run, self.in_use = LiveControls(self.run.counts), product
        return self.run

    def products(self) -> tuple[LineProduct, ...]:
        """Return what can be inspected here; the product of the present or last run is in use."""
        return tuple(
            LineProduct(card.id, card.name, card.revision, card.saved_at, card.id == self.in_use)
            for card in self._profiles.cards
            if card.problem is None
        )

    def check_product(self, name: str) -> None:
        """Raise RequestError for a product that is not here."""
        if not self.product_named(name):
            raise RequestError(say("There is no product “{name}” here.", name=name))

    def product_named(self, name: str) -> str:
        """Return the id of the usable product of this name, empty where there is none."""
        wanted = name.strip().casefold()
        usable = (card for card in self._profiles.cards if card.problem is None)
        names = {card.name.casefold(): card.id for card in usable}
        return names.get(wanted, "")
