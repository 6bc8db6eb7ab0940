"""What OPC UA clients leave behind in the server, and who is charged for what they ask for."""

from __future__ import annotations

import pytest

pytest.importorskip("asyncua", reason="OPC UA is an extra: pip install asyncua==2.1.0")

from asyncua import ua
from asyncua.server.address_space import AddressSpace, AttributeValue, NodeData

from deeprx_gui.outputs.opcua_view import ReferenceTypes

_SUBTYPE = ua.NodeId(ua.ObjectIds.HasSubtype)
_PARENT, _CHILD, _OBJECT = (
    ua.NodeId(number)
    for number in (ua.ObjectIds.HierarchicalReferences, ua.ObjectIds.Organizes, ua.ObjectIds.Server)
)


def _space() -> AddressSpace:
    """Two reference types, one below the other, and an object."""
    space = AddressSpace()
    classes = {
        _PARENT: ua.NodeClass.ReferenceType,
        _CHILD: ua.NodeClass.ReferenceType,
        _OBJECT: ua.NodeClass.Object,
    }
    for number, kind in classes.items():
        node = space[number] = NodeData(number)
        value = ua.DataValue(ua.Variant(kind, ua.VariantType.Int32))
        node.attributes[ua.AttributeIds.NodeClass] = AttributeValue(value)
    below = ua.ReferenceDescription(ReferenceTypeId=_SUBTYPE, IsForward=True, NodeId=_CHILD)
    space[_PARENT].references.append(below)
    return space


def test_made_up_reference_types_are_not_remembered() -> None:
    types = ReferenceTypes(_space())
    assert types.suits(_PARENT, _CHILD, subtypes=True)
    assert not types.suits(_CHILD, _PARENT, subtypes=True)
    before = set(types._known)
    assert before == {_PARENT, _CHILD}
    for wanted in [_OBJECT, *(ua.NodeId(f"made up {number}", 2) for number in range(1000))]:
        assert not types.suits(wanted, _CHILD, subtypes=True)
    assert set(types._known) == before
