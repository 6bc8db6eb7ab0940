"""Browsing of one OPC UA session: bounded answers, and continuation points for what is left.

asyncua 2.1.0 answers with every reference of every node, works out the subtypes of a reference type
anew for each of them, and follows a browse path to the same node as often as it is led there.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from asyncua import ua
from asyncua.server.address_space import AddressSpace

from deeprx_gui.outputs.opcua_limits import (
    MOST_BROWSED,
    MOST_CONTINUATIONS,
    MOST_LOOKED_AT,
    MOST_PATH_ELEMENTS,
    MOST_PATHS,
    MOST_REFERENCES,
    bounded,
)

_SUBTYPE: Final = ua.NodeId(ua.ObjectIds.HasSubtype)
_NO_TYPE: Final = ua.NodeId(ua.ObjectIds.Null)
_ALL_TARGETS: Final = 4_294_967_295
"""What says that a path was followed to its end."""


@dataclass
class _Room:
    """What one request may still take."""

    references: int = MOST_REFERENCES
    looks: int = MOST_LOOKED_AT


@dataclass(frozen=True)
class _Rest:
    """Where browsing a node goes on."""

    wanted: ua.BrowseDescription
    place: int
    most: int


class ReferenceTypes:
    """Subtypes of reference types; worked out once: they stay as long as the server runs.

    Only types that the server has are remembered, whatever ids clients make up.
    """

    def __init__(self, space: AddressSpace) -> None:
        self._space = space
        self._known: dict[ua.NodeId, frozenset[ua.NodeId]] = {}

    def suits(self, wanted: ua.NodeId, there: ua.NodeId, *, subtypes: bool) -> bool:
        """Say whether a reference is of the wanted type; none wanted: each is."""
        if wanted in (_NO_TYPE, there):
            return True
        if not subtypes:
            return False
        below = self._known.get(wanted)
        if below is None:
            if not self._is_reference_type(wanted):
                return False
            below = self._known[wanted] = frozenset(self._below(wanted))
        return there in below

    def _is_reference_type(self, wanted: ua.NodeId) -> bool:
        node = self._space.get(wanted)
        about = node.attributes.get(ua.AttributeIds.NodeClass) if node is not None else None
        if about is None or about.value is None or about.value.Value is None:
            return False
        return bool(about.value.Value.Value == ua.NodeClass.ReferenceType)

    def _below(self, kind: ua.NodeId) -> Iterable[ua.NodeId]:
        waiting, seen = [kind], {kind}
        while waiting:
            node = self._space.get(waiting.pop())
            for each in node.references if node is not None else ():
                below = each.NodeId
                if each.ReferenceTypeId == _SUBTYPE and each.IsForward and below not in seen:
                    seen.add(below)
                    waiting.append(below)
        return seen


class Browsing:
    """What one session browses."""

    def __init__(self, space: AddressSpace, types: ReferenceTypes) -> None:
        self._space, self._types = space, types
        self._rests: dict[bytes, _Rest] = {}

    def browse(self, params: ua.BrowseParameters) -> list[ua.BrowseResult]:
        """Return references of nodes, as many as fit. Raises ServiceError for too many nodes."""
        bounded(params.NodesToBrowse, MOST_BROWSED)
        most = min(int(params.RequestedMaxReferencesPerNode) or MOST_REFERENCES, MOST_REFERENCES)
        room = _Room()
        return [self._take(_Rest(each, 0, most), room) for each in params.NodesToBrowse or ()]

    def browse_next(self, params: ua.BrowseNextParameters) -> list[ua.BrowseResult]:
        """Go on, or forget where. Raises ServiceError for too many points."""
        points = list(params.ContinuationPoints or ())
        bounded(points, MOST_BROWSED)
        rests = [self._rests.pop(bytes(point or b""), None) for point in points]
        room = _Room()
        results = []
        for rest in rests:
            if rest is None:
                results.append(_status(ua.StatusCodes.BadContinuationPointInvalid))
            elif params.ReleaseContinuationPoints:
                results.append(ua.BrowseResult())
            else:
                results.append(self._take(rest, room))
        return results

    def translate(self, paths: Any) -> list[ua.BrowsePathResult]:  # noqa: ANN401
        """Follow paths. Raises ServiceError for too many, or for long ones."""
        bounded(paths, MOST_PATHS)
        steps = [list(path.RelativePath.Elements or ()) for path in paths or ()]
        bounded([one for path in steps for one in path], MOST_PATH_ELEMENTS)
        room = _Room()
        return [
            self._follow(path.StartingNode, elements, room)
            for path, elements in zip(paths or (), steps, strict=True)
        ]

    def _take(self, rest: _Rest, room: _Room) -> ua.BrowseResult:
        node = self._space.get(rest.wanted.NodeId)
        if node is None:
            return _status(ua.StatusCodes.BadNodeIdInvalid)
        result, place = ua.BrowseResult(), rest.place
        there = node.references
        while place < len(there):
            if len(result.References) >= rest.most or room.references <= 0 or room.looks <= 0:
                break
            each = there[place]
            place += 1
            room.looks -= 1
            if self._is_wanted(rest.wanted, each):
                result.References.append(each)
                room.references -= 1
        if place < len(there):
            if len(self._rests) >= MOST_CONTINUATIONS:
                return _status(ua.StatusCodes.BadNoContinuationPoints)
            result.ContinuationPoint = secrets.token_bytes(16)
            self._rests[result.ContinuationPoint] = _Rest(rest.wanted, place, rest.most)
        return result

    def _is_wanted(self, wanted: ua.BrowseDescription, there: ua.ReferenceDescription) -> bool:
        direction, forward = wanted.BrowseDirection, ua.BrowseDirection.Forward
        both = direction == ua.BrowseDirection.Both
        if not both and there.IsForward != (direction == forward):
            return False
        if wanted.NodeClassMask and not wanted.NodeClassMask & there.NodeClass:
            return False
        return self._types.suits(
            wanted.ReferenceTypeId, there.ReferenceTypeId, subtypes=wanted.IncludeSubtypes
        )

    def _follow(
        self, start: ua.NodeId, elements: list[ua.RelativePathElement], room: _Room
    ) -> ua.BrowsePathResult:
        result = ua.BrowsePathResult()
        if not elements or not elements[-1].TargetName:
            result.StatusCode = ua.StatusCode(ua.StatusCodes.BadBrowseNameInvalid)
            return result
        if start not in self._space:
            result.StatusCode = ua.StatusCode(ua.StatusCodes.BadNodeIdInvalid)
            return result
        reached = {start: None}  # in the order in which they are found, each once
        for element in elements:
            further: dict[ua.NodeId, None] = {}
            for node in reached:
                there = self._space.get(node)
                references = there.references if there is not None else ()
                room.looks -= len(references)
                if room.looks < 0:
                    result.StatusCode = ua.StatusCode(ua.StatusCodes.BadQueryTooComplex)
                    return result
                further.update((r.NodeId, None) for r in references if self._leads(element, r))
            reached = further
        for node in reached:
            result.Targets.append(ua.BrowsePathTarget(node, ua.Index(_ALL_TARGETS)))
        if not reached:
            result.StatusCode = ua.StatusCode(ua.StatusCodes.BadNoMatch)
        return result

    def _leads(self, element: ua.RelativePathElement, there: ua.ReferenceDescription) -> bool:
        return (
            there.BrowseName == element.TargetName
            and there.IsForward != element.IsInverse
            and self._types.suits(
                element.ReferenceTypeId, there.ReferenceTypeId, subtypes=element.IncludeSubtypes
            )
        )


def _status(code: int) -> ua.BrowseResult:
    return ua.BrowseResult(StatusCode=ua.StatusCode(code))
