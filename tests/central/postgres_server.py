"""A real PostgreSQL in a folder of its own: loopback only, not as root, gone when the tests end."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from deeprx_gui.domain.central import CentralPlace, Tls

MISSING = (
    "PostgreSQL 15 or later is not installed (Debian: apt-get install postgresql): the tests of"
    " the central database are left out"
)
OWNER = "postgres"
OWNER_PASSWORD = "owner"  # noqa: S105 - of a server that lives for these tests
_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 60
shared_buffers = 32MB
log_min_messages = fatal
"""


def binaries() -> Path | None:
    """Return the folder of the newest PostgreSQL from 15 on, ``None`` where there is none."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += Path("/usr/lib/postgresql").glob("*/bin")
    usable = [f for f in folders if (f / "initdb").is_file() and _version(f) >= 15]
    return max(usable, key=_version, default=None)


def _version(folder: Path) -> int:
    said = subprocess.run(
        [folder / "postgres", "--version"], capture_output=True, text=True, check=False
    ).stdout
    match = re.search(r"\) (\d+)", said)
    return int(match[1]) if match else 0


def free_port() -> int:
    """Return a port of loopback that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A running server; ``folder`` belongs to it alone. ``runner`` starts programs as not root."""

    binaries: Path
    folder: Path
    port: int
    runner: tuple[str, ...]

    @property
    def place(self) -> CentralPlace:
        """Where its owner comes in."""
        return CentralPlace(
            host="127.0.0.1", port=self.port, database="postgres", user=OWNER, tls=Tls.OFF
        )

    def place_of(self, database: str, user: str = OWNER) -> CentralPlace:
        """Return where a user comes into a database."""
        return replace(self.place, database=database, user=user)

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._control("start", "-w", "-t", "60", "-l", str(self.folder / "log"))

    def stop(self, mode: str = "fast") -> None:
        """Stop it; ``immediate`` is what a power cut does to it."""
        self._control("stop", "-m", mode, "-w")

    def _control(self, *arguments: str) -> None:
        program, data = str(self.binaries / "pg_ctl"), str(self.folder / "data")
        subprocess.run(
            [*self.runner, program, "-D", data, *arguments],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip


def _runner() -> tuple[str, ...]:
    """PostgreSQL refuses to run as root; there it runs as its own user, or as nobody."""
    if os.name == "nt" or os.geteuid() != 0:
        return ()
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return (
                "setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups",
            )  # fmt: skip
    return ()


@contextlib.contextmanager
def running(more_settings: str = "") -> Iterator[Server]:
    """Yield a new server, gone afterwards. Raises RuntimeError without PostgreSQL."""
    folder_of_programs = binaries()
    if folder_of_programs is None:
        raise RuntimeError(MISSING)
    folder = Path(tempfile.mkdtemp(prefix="deeprx-postgres-"))
    runner = _runner()
    if runner:
        shutil.chown(folder, int(runner[1].partition("=")[2]), int(runner[2].partition("=")[2]))
    folder.chmod(0o755)
    server = Server(folder_of_programs, folder, free_port(), runner)
    try:
        secret = folder / "password"
        secret.write_text(OWNER_PASSWORD, encoding="utf-8")
        subprocess.run(
            [*runner, str(folder_of_programs / "initdb"), "-D", str(folder / "data"),
             "-U", OWNER, "--pwfile", str(secret), "--auth=scram-sha-256", "-E", "UTF8",
             "--locale=C", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd="/",
        )  # fmt: skip
        conf = folder / "data" / "postgresql.conf"
        with conf.open("a", encoding="utf-8") as file:
            file.write(f"{_SETTINGS}port = {server.port}\n{more_settings}\n")
        server.start()
        try:
            yield server
        finally:
            with contextlib.suppress(subprocess.CalledProcessError):
                server.stop("immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def a_password() -> str:
    """Return a password nobody else has."""
    return secrets.token_urlsafe(16)
