"""docs/several-stations.md, word for word: from an empty server to the second line, and back.

Every command and setting is taken out of the page. Other than there: PostgreSQL is started in a
folder of its own, on loopback and another port, and the server's name leads to this PC.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from deeprx_gui.central import password as passwords
from deeprx_gui.cli.main import main
from deeprx_gui.paths import Paths
from deeprx_gui.results.records.store import RecordStore
from tests.central import postgres_server
from tests.central.postgres_server import OWNER_PASSWORD, Server
from tests.made_record import made_record

PAGE = (Path(__file__).parents[2] / "docs" / "several-stations.md").read_text(encoding="utf-8")
HOST, NETWORK = "db.plant.example", "10.0.0.0/8"
CHOSEN = "what the IT department chose"
pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None or shutil.which("psql") is None,
    reason="openssl and psql are not installed: the page for the IT department is not tried",
)


def blocks(section: str) -> list[str]:
    """Return what stands between ``` under a heading, in order."""
    _, _, rest = PAGE.partition(f"\n## {section}\n")
    assert rest, f"there is no section “{section}”"
    return re.findall(r"^```[a-z]*\n(.*?)^```", rest.split("\n## ")[0], re.DOTALL | re.MULTILINE)


@dataclass
class Plant:
    """A server as the page leaves it, the IT department's desk, and PCs with their folders."""

    server: Server
    desk: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    secrets: dict[str, str] = field(default_factory=dict)

    def deeprx(self, line: str, data: Path) -> dict[str, Any]:
        """Type a command of the page at a PC, with the password its login has."""
        program, *words = shlex.split(line)
        assert program == "deeprx"
        login = words[words.index("--login") + 1] if "--login" in words else None
        if login is not None:
            self.monkeypatch.setenv(passwords.VARIABLE, self.secrets[login])
            words += ["--port", str(self.server.port)]
        self.capsys.readouterr()
        code = main([*words, "--json", "--lang", "en", "--data-dir", str(data)])
        out, err = self.capsys.readouterr()
        assert code == 0, (line, out, err)
        return json.loads(out)  # type: ignore[no-any-return]

    def psql(self, sql: str) -> None:
        """Run a block as ``postgres``; a password that is asked for is given twice."""
        (self.desk / "block.sql").write_text(sql, encoding="utf-8")
        subprocess.run(
            ["psql", "-v", "ON_ERROR_STOP=1", "-f", "block.sql"],
            input=f"{CHOSEN}\n{CHOSEN}\n", text=True, cwd=self.desk, env=self.environment,
            check=True, capture_output=True, start_new_session=True,
        )  # fmt: skip

    @property
    def environment(self) -> dict[str, str]:
        """Where the programs of PostgreSQL go, as user ``postgres`` on the server."""
        return {
            **os.environ, "PGHOST": "127.0.0.1", "PGPORT": str(self.server.port),
            "PGUSER": "postgres", "PGPASSWORD": OWNER_PASSWORD, "PGDATABASE": "postgres",
        }  # fmt: skip

    def shell(self, line: str) -> None:
        """Run a line of the page as ``postgres``."""
        subprocess.run(
            ["bash", "-ec", line], cwd=self.desk, env=self.environment, check=True,
            capture_output=True, text=True,
        )  # fmt: skip


@pytest.fixture
def plant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Plant]:
    """A server that is as empty as after its installation; its name leads here."""
    if postgres_server.binaries() is None:
        pytest.skip(postgres_server.MISSING)
    known = socket.getaddrinfo

    def lookup(host: str | None, *more: Any, **how: Any) -> Any:
        return known("127.0.0.1" if host == HOST else host, *more, **how)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    monkeypatch.chdir(tmp_path)
    with postgres_server.running() as server:
        yield Plant(server, tmp_path, capsys, monkeypatch)


def set_up_the_server(plant: Plant) -> None:
    """Section 1: certificate, settings, who may come in; then a restart."""
    _install, certificate, put, settings, access = blocks("1. The server")
    plant.shell(certificate)
    data = plant.server.folder / "data"
    owner = data.stat()
    assert put.count("-o postgres -g postgres") == 2
    put = put.replace("/var/lib/postgresql/15/main", str(data))
    plant.shell(put.replace("-o postgres -g postgres", f"-o {owner.st_uid} -g {owner.st_gid}"))
    with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.write(f"{settings}\nlisten_addresses = '127.0.0.1'\n")
    assert NETWORK in access
    with (data / "pg_hba.conf").open("a", encoding="utf-8") as hba:
        hba.write(access.replace(NETWORK, "127.0.0.0/8"))
    plant.server.stop()
    plant.server.start()


def test_the_page_leads_from_an_empty_server_to_the_second_line_and_back(plant: Plant) -> None:
    set_up_the_server(plant)
    create, tables = blocks("2. The database")
    plant.psql(create)
    plant.secrets["deeprx_owner"] = CHOSEN
    made, checked = (plant.deeprx(line, plant.desk / "desk") for line in tables.splitlines())
    assert made["step"] == 4
    assert (checked["encrypted"], checked["remarks"]) == (True, [])

    (logins,) = blocks("3. A login for each station and reader")
    for line in logins.splitlines():
        made = plant.deeprx(line, plant.desk / "desk")
        plant.secrets[shlex.split(line)[4]] = made["password"]
    assert set(plant.secrets) == {"deeprx_owner", "line_1", "line_2", "reports"}

    (connect,) = blocks("4. Connect a PC")
    pcs = {}
    for number in (1, 2):
        data = pcs[number] = plant.desk / f"PC {number}"
        with closing(RecordStore(Paths(data).results)) as store:
            for part in range(1, 6):
                store.add(made_record(part, uid=f"{10 * number + part:032x}"))
        answers = [
            plant.deeprx(
                line.replace("line_1", f"line_{number}").replace("Line 1", f"Line {number}"), data
            )
            for line in connect.splitlines()
        ]
        answer = answers[-1]
        assert (answer["here"]["sent"], answer["here"]["waiting"]) == (5, 0)
    assert lines_seen(plant) == {"Line 1": 5, "Line 2": 5}

    dump, roles = blocks("Backup")[0].splitlines()
    plant.shell(dump)
    plant.shell(roles)
    back = re.findall(r"`((?:psql|pg_restore)[^`]*)`", PAGE.partition("Back again:")[2])
    assert [command.split()[0] for command in back] == ["psql", "pg_restore"]
    plant.psql("DROP DATABASE deeprx")
    for command in back:
        plant.shell(command.replace("deeprx-….dump", "deeprx-20*.dump"))
    assert lines_seen(plant) == {"Line 1": 5, "Line 2": 5}
    with closing(RecordStore(Paths(pcs[2]).results)) as store:
        store.add(made_record(6, uid=f"{26:032x}"))
    plant.monkeypatch.setenv(passwords.VARIABLE, plant.secrets["line_2"])
    assert plant.deeprx("deeprx central send", pcs[2])["sent"] == 6

    (old,) = blocks("Old data")
    assert plant.deeprx(old.strip(), plant.desk / "desk")["months"] == []
    plant.monkeypatch.setenv(passwords.VARIABLE, plant.secrets["line_2"])
    here = plant.deeprx("deeprx central prune-here --keep-months 3", pcs[2])
    assert here["deleted"] is False


def lines_seen(plant: Plant) -> dict[str, int]:
    """Return what ``status`` shows the IT department of each line."""
    shown = plant.deeprx(
        f"deeprx central status --host {HOST} --login deeprx_owner --ca plant-ca.pem",
        plant.desk / "desk",
    )
    return {station["line"]: station["verdicts"] for station in shown["stations"]}


def test_the_script_to_read_does_what_init_does(plant: Plant) -> None:
    set_up_the_server(plant)
    create, _ = blocks("2. The database")
    plant.psql(create)
    (printed,) = re.findall(r"`(deeprx central init --print-sql) > deeprx\.sql`", PAGE)
    script = plant.deeprx(printed, plant.desk / "desk")["sql"]
    (plant.desk / "deeprx.sql").write_text(script, encoding="utf-8")
    (command,) = set(re.findall(r"`(psql [^`]*deeprx\.sql)`", PAGE))
    plant.secrets["deeprx_owner"] = CHOSEN
    subprocess.run(
        ["bash", "-ec", command], cwd=plant.desk, check=True, capture_output=True,
        env={**plant.environment, "PGPASSWORD": CHOSEN},
    )  # fmt: skip
    checked = plant.deeprx(
        f"deeprx central check --host {HOST} --login deeprx_owner --ca plant-ca.pem",
        plant.desk / "desk",
    )
    assert checked["remarks"] == []
