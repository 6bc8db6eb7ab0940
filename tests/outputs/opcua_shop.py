"""A client of the OPC UA server for tests: its certificate, its sessions, what it reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from asyncua import Client, Node, ua
from asyncua.common.structures104 import load_custom_struct
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
from asyncua.crypto.uacrypto import CertProperties

from deeprx_gui.outputs.opcua_model import ALIASES, MACHINE_VISION, STRUCTURES, VENDOR
from tests.outputs.opcua_identity import URI, Identity

NAME, PASSWORD = "plc", "correct horse 9"


class Plc:
    """A client that is connected."""

    def __init__(self, client: Client, standard: int, vendor: int) -> None:
        self.client, self._standard, self.vendor = client, standard, vendor

    def node(self, path: str) -> Node:
        """A node by its path, as ``Line.Ready``."""
        whole = f"VisionSystem.{path}" if path else "VisionSystem"
        return self.client.get_node(ua.NodeId(whole, self.vendor))

    async def value(self, path: str) -> Any:
        return await self.node(path).read_value()

    async def state(self) -> str:
        """The state, that of automatic mode where that is the one."""
        both = [self.node(f"{name}.CurrentState")
                for name in ("VisionStateMachine", "AutomaticModeStateMachine")]  # fmt: skip
        outer, inner = await self.client.read_attributes(both)  # in one Read: of one moment
        outer.StatusCode.check()
        return str((inner if outer.Value.Value.Text == "Operational" else outer).Value.Value.Text)

    async def call(self, path: str, *arguments: Any) -> Any:
        """Call a method as it is found below its object."""
        parent, _, _ = path.rpartition(".")
        return await self.node(parent).call_method(self.node(path).nodeid, *arguments)

    async def change(self, name: str) -> int:
        """Halt, Reset, Stop, Abort or SelectModeAutomatic; returns Error."""
        where = "AutomaticModeStateMachine" if name in {"Stop", "Abort"} else "VisionStateMachine"
        why = () if name == "SelectModeAutomatic" else (ua.Variant(0, ua.VariantType.Int32), "test")
        return int(await self.call(f"{where}.{name}", *why))

    async def start(self, part: str = "", *, job: str = "StartSingleJob", **more: Any) -> Any:
        """Start a job; returns its id and Error."""
        ids = {
            "MeasIdDataType": more.get("meas", ""),
            "PartIdDataType": part,
            "RecipeIdExternalDataType": more.get("recipe", ""),
            "ProductIdDataType": "",
        }
        given = [getattr(ua, kind)(Id=text) for kind, text in ids.items()]
        parameters = ua.Variant([], ua.VariantType.Variant, is_array=True)
        made, error = await self.call(f"AutomaticModeStateMachine.{job}", *given, parameters)
        return made.Id, error


async def learn_structures(client: Client, standard: int) -> None:
    """Read the definitions of the specification's structures from the server."""
    for name, (number, base) in ALIASES.items():
        if ua.NodeId(number, standard) not in ua.basetype_by_datatype:
            made = type(name, (getattr(ua, base),), {})
            ua.register_basetype(name, ua.NodeId(number, standard), made)
    for name, structure in STRUCTURES.items():
        if name != "SystemStateDescriptionDataType":
            await load_custom_struct(client.get_node(ua.NodeId(structure.number, standard)))


@asynccontextmanager
async def plc(
    port: int,
    who: Identity,
    *,
    name: str | None = NAME,
    password: str = PASSWORD,
    user: Identity | None = None,
    server: Path | None = None,
    load: bool = False,
) -> AsyncIterator[Plc]:
    """Connect with Basic256Sha256, signed and encrypted."""
    url = f"opc.tcp://127.0.0.1:{port}/deeprx"
    client = Client(url, timeout=20, watchdog_intervall=20)  # patient: PCs may be busy
    client.application_uri = URI
    if user is not None:
        await client.load_client_certificate(user.file.read_bytes())
        await client.load_private_key(user.key.read_bytes(), extension="pem")
    elif name is not None:
        client.set_user(name)
        client.set_password(password)
    await client.set_security(
        SecurityPolicyBasic256Sha256, who.file.read_bytes(),
        CertProperties(who.key.read_bytes(), "pem"),
        server_certificate=server.read_bytes() if server else None,
        mode=ua.MessageSecurityMode.SignAndEncrypt,
    )  # fmt: skip
    async with client:
        standard = await client.get_namespace_index(MACHINE_VISION)
        if load:  # in the server's own process its structures are known already
            await learn_structures(client, standard)
        vendor = await client.get_namespace_index(VENDOR)
        yield Plc(client, standard, vendor)
