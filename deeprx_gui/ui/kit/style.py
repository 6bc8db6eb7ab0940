"""The style sheet, written once in ``resources/style.qss`` over the colour names of a theme.

Widgets choose a look by a dynamic property: ``kind`` on a button (``primary``, ``quiet``,
``danger``, ``rail``), ``level`` on a label (``title``, ``heading``, ``hint``, ``figure``,
``small``, ``chip``), ``card``, ``bar``, ``rail`` and ``line`` on a frame.
"""

from __future__ import annotations

from functools import lru_cache
from string import Template

from deeprx_gui.domain.colours import Tokens
from deeprx_gui.paths import resources_dir
from deeprx_gui.ui.kit.tokens import RADIUS


@lru_cache(maxsize=4)
def style_sheet(tokens: Tokens) -> str:
    """Return the style sheet in the colours of ``tokens``."""
    sheet = Template((resources_dir() / "style.qss").read_text(encoding="utf-8"))
    names = {name: getattr(tokens, name) for name in Tokens.__dataclass_fields__}
    icons = (resources_dir() / "icons").as_posix()
    return sheet.substitute(names, radius=RADIUS, icons=icons)
