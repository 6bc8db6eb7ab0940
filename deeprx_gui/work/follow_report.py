"""What a look at the library found, and how it is said."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deeprx_gui.domain.library import LibraryContent, LibraryRevision, RunState, Target
from deeprx_gui.domain.message import Message, say
from deeprx_gui.domain.profile import Profile
from deeprx_gui.profiles.here import ProductHere


@dataclass(frozen=True)
class ProductReport:
    """How one product stands after a look.

    ``target``: what the station is to run, ``None``: nothing was rolled out to it. ``running``:
    the revision of the library that is in use here, ``None`` for one of the PC's own or none.
    ``profile``: what was put in use by this look. ``sentence``: what a person should know.
    """

    lineage: str
    name: str
    state: RunState
    target: LibraryRevision | None
    running: LibraryRevision | None
    profile: Profile | None = None
    sentence: Message | None = None


@dataclass(frozen=True)
class FollowReport:
    """What a look found; ``offline``: why the library could not be asked.

    ``news``: sentences that were not so in the look before. ``sent``: how many proposals were sent.
    """

    products: tuple[ProductReport, ...] = ()
    offline: Message | None = None
    news: tuple[Message, ...] = ()
    sent: int = 0

    @property
    def changed(self) -> tuple[Profile, ...]:
        """What was put in use."""
        return tuple(one.profile for one in self.products if one.profile is not None)


@dataclass(frozen=True)
class OnLine:
    """What judges on a line that runs: a product and its saved state, as in ``Lineage``.

    ``problem``: why the line did not take what is in use on this PC, ``None`` where nothing keeps
    it from doing so between the next two parts.
    """

    lineage: str
    mark: str
    problem: Message | None = None


def as_on_the_line(
    line: OnLine | None, known: LibraryContent, product: int, report: ProductReport
) -> ProductReport | None:
    """Return what the library is told: a line may not judge with what is in use on this PC.

    ``None``: nothing, as the line is about to change over; what was told before is true until then.
    """
    running = report.running
    if line is None or line.lineage != report.lineage or running is None:
        return report
    if running.mark == line.mark:
        return report
    if line.problem is None:
        return None
    judges = known.of_mark(product, line.mark)
    return replace(report, state=RunState.TROUBLE, running=judges, sentence=line.problem)


@dataclass(frozen=True)
class Words:
    """What is said of one product; ``now``: the revision of the library that is in use here."""

    lineage: str
    name: str
    now: LibraryRevision | None

    def report(
        self, state: RunState, target: Target | None, sentence: Message | None = None
    ) -> ProductReport:
        revision = None if target is None else target.revision
        return ProductReport(self.lineage, self.name, state, revision, self.now, None, sentence)

    def without_target(self, here: ProductHere) -> ProductReport:
        now = self.now
        if now is not None and now.withdrawn is not None:
            return self.report(RunState.WITHDRAWN, None, say(
                "{revision} of “{name}” was withdrawn by {who}: {why} There is no other released"
                " revision for this station, so the line goes on with it. Stop it, or ask the"
                " engineer to release one.",
                revision=now.label, name=self.name, who=now.withdrawn.who, why=now.withdrawn.why,
            ))  # fmt: skip
        state = RunState.OWN if now is None and here.revision else RunState.CURRENT
        return self.report(state, None)

    def own(self, target: Target) -> ProductReport:
        return self.report(RunState.OWN, target, say(
            "“{name}” uses a revision that was saved on this PC; the library says {revision}."
            " Publish it with “deeprx library publish”, or go back to the library's on the page"
            " Profiles.",
            name=self.name, revision=target.revision.label,
        ))  # fmt: skip

    def waits(self, target: Target) -> ProductReport:
        return self.report(RunState.WAITING, target, say(
            "{revision} of “{name}” was released for this station by {who} and waits for a"
            " confirmation here.",
            revision=target.revision.label, name=self.name, who=target.rollout.who,
        ))  # fmt: skip

    def came(self, here: ProductHere | None, target: Target) -> Message:
        """Say what changed over to what, and why; going backwards is never left out."""
        values = {
            "name": self.name, "revision": target.revision.label, "who": target.rollout.who,
        }  # fmt: skip
        now = self.now
        if now is not None and now.withdrawn is not None:
            return say(
                "{old} of “{name}” was withdrawn by {by} ({why}). This PC uses {revision} instead.",
                old=now.label, by=now.withdrawn.who, why=now.withdrawn.why, name=self.name,
                revision=target.revision.label,
            )  # fmt: skip
        if now is not None and now.number > target.revision.number:
            return say(
                "“{name}” goes back from {old} to {revision}, as {who} said in the library"
                " ({why}).",
                old=now.label, why=target.rollout.why or "–", **values,
            )  # fmt: skip
        if here is None:
            return say("“{name}” {revision} came from the library ({who}).", **values)
        if now is None and here.revision:
            return say(
                "“{name}” uses {revision} of the library ({who}) instead of the revision that was"
                " saved on this PC; that one stays in the history.",
                **values,
            )
        return say("“{name}” uses {revision} of the library from now on ({who}).", **values)
