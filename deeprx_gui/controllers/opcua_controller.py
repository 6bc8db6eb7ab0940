"""Certificates of the OPC UA output, in the window: whom it trusts, and its own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Slot

from deeprx_gui.controllers.job_service import JobService
from deeprx_gui.controllers.station_controller import StationController
from deeprx_gui.domain.audit import AuditEvent
from deeprx_gui.domain.client_certificates import CertificateList, KnownCertificate
from deeprx_gui.domain.message import Message, say
from deeprx_gui.jobs.lane import once
from deeprx_gui.jobs.runner import JobFailed
from deeprx_gui.ui.inspect.opcua_sheet import OpcUaSheet, grouped
from deeprx_gui.ui.inspect.page import InspectPage

_KIND: Final = "opcua"
_LOOKS_EVERY_MS: Final = 2000


class OpcUaController(QObject):
    """Offers the sheet at outputs of this kind; looks for newcomers while it is open.

    Who may set up outputs may do this as well: the page's settings are the engineer's.
    """

    def __init__(
        self, job_service: JobService, page: InspectPage, station: StationController
    ) -> None:
        super().__init__(station)
        self._job_service, self._page, self._station = job_service, page, station
        self.sheet: OpcUaSheet | None = None
        self._looking = self._look_failed = False
        self._clock = QTimer(self)
        self._clock.setInterval(_LOOKS_EVERY_MS)
        self._clock.timeout.connect(self._look)
        page.sheets.setup.outputs.offer(_KIND, say("Certificates…"), self.open)

    @Slot()
    def open(self) -> None:
        """Show the sheet."""
        if self.sheet is None:
            sheet = self.sheet = OpcUaSheet(self._page.window())
            sheet.accepted.connect(self._ask_accept)
            sheet.forgotten.connect(self._forget)
            sheet.refused.connect(self._refuse)
            sheet.added.connect(self._add)
            sheet.copied.connect(self._copy)
            sheet.renew.clicked.connect(self._ask_renew)
        self.sheet.show_message(None)
        self.sheet.open()
        self._clock.start()
        self._look()

    @Slot()
    def _look(self) -> None:
        if self.sheet is None or not self.sheet.isVisible():
            self._clock.stop()
        elif not self._looking:
            self._do(lambda _module, _keys: None, None)

    @Slot(object)
    def _ask_accept(self, known: KnownCertificate) -> None:
        self._page.sheets.confirm.ask(
            say(
                "Let “{name}” connect? Its thumbprint has to be the one that the client shows:"
                "\n{thumbprint}",
                name=known.name,
                thumbprint=grouped(known),
            ),
            say("Trust"),
            partial(self._accept, known),
            say("Do not trust"),
        )

    def _accept(self, known: KnownCertificate) -> None:
        self._do(
            lambda _module, keys: keys.accept(known.fingerprint),
            say("“{name}” may connect from now on.", name=known.name),
            noted="accepted",
        )

    @Slot(object)
    def _refuse(self, known: KnownCertificate) -> None:
        self._do(
            lambda _module, keys: keys.refuse(known.fingerprint),
            say("“{name}” is refused from its next connection on.", name=known.name),
            noted="refused",
        )

    @Slot(object)
    def _forget(self, known: KnownCertificate) -> None:
        self._do(
            lambda _module, keys: keys.forget(known.fingerprint),
            say("“{name}” is no longer in the list.", name=known.name),
            noted="removed",
        )

    @Slot(object)
    def _add(self, file: Path) -> None:
        self._do(
            lambda module, keys: module.add(keys, file),
            say("The certificate is trusted from now on."),
            noted="added",
        )

    @Slot(object)
    def _copy(self, file: Path) -> None:
        self._do(
            lambda module, keys: module.save_copy(keys, file),
            say("Saved: {file}", file=file),
        )

    @Slot()
    def _ask_renew(self) -> None:
        self._page.sheets.confirm.ask(
            say(
                "Make a new key and certificate? Every client has to accept the new one, and the"
                " outputs of this PC are started anew."
            ),
            say("Renew"),
            self._renew,
            say("Leave it as it is"),
        )

    @Slot()
    def _renew(self) -> None:
        hosts = self._hosts
        self._do(
            lambda _module, keys: keys.renew(hosts),
            say("There is a new certificate. Save a copy for the clients."),
            noted="renewed",
            then=self._station.restart_outputs,
        )

    # -- inside -----------------------------------------------------------------------------

    @property
    def _hosts(self) -> list[str]:
        outputs = self._station.station.outputs
        return [spec.address.rpartition(":")[0].strip("[]") for spec in outputs
                if spec.kind == _KIND]  # fmt: skip

    def _do(
        self,
        work: Callable[..., object],
        said: Message | None,
        noted: str = "",
        then: Callable[[], None] | None = None,
    ) -> None:
        """Do something with the certificates, then show what there is; ``said``: what was done.

        Where ``noted`` says what is done, ``work`` returns the certificate; it is written into the
        audit trail, and ``then`` follows, once it was done – even where what there is cannot be
        listed afterwards.
        """
        folder, hosts = self._job_service.services.paths.data, self._hosts
        changed: list[str] = []

        def call() -> CertificateList:
            from deeprx_gui.outputs import opcua_certificates
            from deeprx_gui.outputs.opcua import keys_folder
            from deeprx_gui.outputs.opcua_keys import Certificate, OpcUaKeys

            keys = OpcUaKeys(keys_folder(folder))
            made = work(opcua_certificates, keys)
            if noted and isinstance(made, Certificate):
                changed.append(f"{noted} {made.name} {made.fingerprint}")
            return opcua_certificates.everything(keys, hosts)

        def follow() -> None:
            for told in changed:
                self._job_service.note(AuditEvent.STATION, opcua=told)
                if then is not None:
                    then()

        self._looking = True
        job = self._job_service.files.start(once(call, say("Looking at the certificates")))
        job.done.connect(partial(self._done, said, follow))
        job.failed.connect(partial(self._failed, follow, said is None))

    def _done(
        self, said: Message | None, follow: Callable[[], None], found: CertificateList
    ) -> None:
        self._looking = False
        if self.sheet is not None:
            self.sheet.show_list(found)
            if said is not None:
                self.sheet.show_message(said, bad=False)
            elif self._look_failed:  # it is well again
                self.sheet.show_message(None)
        self._look_failed = False
        follow()

    def _failed(self, follow: Callable[[], None], is_look: bool, failure: JobFailed) -> None:
        self._looking, self._look_failed = False, is_look
        if self.sheet is not None:
            self.sheet.show_message(failure.message)
        follow()
