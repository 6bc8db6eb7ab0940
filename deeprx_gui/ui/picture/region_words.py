"""What is said about a region: pure."""

from __future__ import annotations

from deeprx_gui.domain.message import Message, say, say_n
from deeprx_gui.domain.view import Region, ShapeKind
from deeprx_gui.ui.picture.region_geometry import Role, ShapeRef


def summary(region: Region) -> Message:
    """Say in one line what counts."""
    rectangles = sum(s.kind is ShapeKind.RECTANGLE for s in region.inside)
    polygons = len(region.inside) - rectangles
    parts: list[Message] = []
    if not region.inside:
        parts.append(say("the whole picture"))
    if rectangles:
        parts.append(say_n("{n} rectangle", "{n} rectangles", n=rectangles))
    if polygons:
        parts.append(say_n("{n} polygon", "{n} polygons", n=polygons))
    if region.ignore:
        parts.append(say_n("{n} ignored", "{n} ignored", n=len(region.ignore)))
    joined = parts[0]
    for more in parts[1:]:
        joined = say("{first}, {second}", first=joined, second=more)
    return say("Region: {what}", what=joined)


def name_of(ref: ShapeRef, kind: ShapeKind) -> Message:
    """Name one shape in the list."""
    number = ref.index + 1
    if ref.role is Role.INSIDE:
        if kind is ShapeKind.RECTANGLE:
            return say("{n}: rectangle", n=number)
        return say("{n}: polygon", n=number)
    if kind is ShapeKind.RECTANGLE:
        return say("{n}: ignored rectangle", n=number)
    return say("{n}: ignored polygon", n=number)
