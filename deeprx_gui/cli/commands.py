"""The verbs of the command line: a table. A new one is a module and an entry here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from deeprx_gui.cli.verb import Work
from deeprx_gui.domain.message import Message, say


@dataclass(frozen=True)
class Command:
    """One verb: whose ``work`` it is; its ``module`` has ``add`` and ``run``.

    ``add(parser, common)`` declares the arguments; ``common`` is the parent of verbs below it.
    ``run(args, context)`` returns the exit code. ``examples`` stand at the end of its help.
    """

    help: Message
    work: Work
    module: str
    examples: Sequence[str] = ()


COMMANDS: Mapping[str, Command] = {
    "demo": Command(
        say("learn sample images, score others, show the result"),
        Work.ENGINEERS,
        "deeprx_gui.cli.demo_command",
        ("deeprx demo", "deeprx demo --headless --out demo-result"),
    ),
    "fit": Command(
        say("learn a product profile from normal images"),
        Work.ENGINEERS,
        "deeprx_gui.cli.fit_command",
        (
            "deeprx fit bracket pictures/good",
            'deeprx fit "Bracket 7" pictures/good --size 384 --why "new lamp"',
        ),
    ),
    "score": Command(
        say("judge pictures with a profile"),
        Work.ANYBODYS,
        "deeprx_gui.cli.score_command",
        (
            "deeprx score bracket pictures/today",
            "deeprx score bracket pictures/today --csv today.csv --overlays heat",
        ),
    ),
    "inspect": Command(
        say("inspect live: camera, folder or stream in, verdicts recorded and told"),
        Work.ANYBODYS,
        "deeprx_gui.cli.inspect_command",
        (
            "deeprx inspect bracket --source watch:pictures/today",
            "deeprx inspect bracket --source camera:0 --trigger change",
            "deeprx inspect bracket --source replay:pictures/today?fps=5 --count 9 --jsonl",
        ),
    ),
    "shadow": Command(
        say("try another revision silently beside the one in use, then put it in use or drop it"),
        Work.BY_VERB,
        "deeprx_gui.cli.shadow_command",
        (
            "deeprx shadow start bracket r0007",
            "deeprx shadow list bracket --side looser --pictures differing",
            'deeprx shadow promote bracket --why "finds the fine scratches"',
        ),
    ),
    "samples": Command(
        say("keep limit samples, check them at the start of a shift, and look into the record"),
        Work.BY_VERB,
        "deeprx_gui.cli.samples_command",
        (
            'deeprx samples add bracket limit.png --expect NG --note "scratch 0.3 mm"',
            "deeprx samples run bracket",
            "deeprx samples records bracket --sheet samples.html --csv samples.csv",
        ),
    ),
    "evaluate": Command(
        say("measure a detector on a data set"),
        Work.ANYBODYS,
        "deeprx_gui.cli.evaluate_command",
        ("deeprx evaluate data/magnetic_tile --normals 200 --json",),
    ),
    "limits": Command(
        say("limits for a target or from labelled parts, how sure they are, what they change"),
        Work.ANYBODYS,  # with --save it asks for the PIN itself
        "deeprx_gui.cli.limits_command",
        (
            "deeprx limits bracket --target 1/200",
            "deeprx limits bracket --labels pictures/known --catch-all",
            "deeprx limits bracket --labels today.csv --costs 50,3000 --save",
        ),
    ),
    "sees": Command(
        say("find out how small a defect a profile still sees"),
        Work.ANYBODYS,
        "deeprx_gui.cli.sees_command",
        ("deeprx sees bracket", "deeprx sees bracket --out smallest --json"),
    ),
    "doctor": Command(
        say("find pictures that should not be learnt from"),
        Work.ANYBODYS,
        "deeprx_gui.cli.doctor_command",
        ("deeprx doctor pictures/good", "deeprx doctor --profile bracket --json"),
    ),
    "compare": Command(
        say("find out which detector and backbone suit a product"),
        Work.ANYBODYS,
        "deeprx_gui.cli.compare_command",
        ("deeprx compare data/magnetic_tile --detectors deep-rx,padim --json",),
    ),
    "profiles": Command(
        say("list, show, compare, roll back, export and import profiles"),
        Work.BY_VERB,
        "deeprx_gui.cli.profiles_command",
        (
            "deeprx profiles list",
            'deeprx profiles rollback bracket r0003 --why "too many false calls"',
            "deeprx profiles export bracket backup",
        ),
    ),
    "correct": Command(
        say("say which verdicts were wrong; learn from it as one revision"),
        Work.ENGINEERS,
        "deeprx_gui.cli.correct_command",
        (
            "deeprx correct bracket --was-ok dust.png --missed scratch.png",
            "deeprx correct bracket --from-history 4711 --apply",
        ),
    ),
    "replay": Command(
        say("find out what a revision would have said to the last parts"),
        Work.ANYBODYS,
        "deeprx_gui.cli.replay_command",
        ("deeprx replay bracket --revision r0003", "deeprx replay bracket --revision candidate"),
    ),
    "history": Command(
        say("look into the remembered verdicts: search, table, report, decide, verify"),
        Work.BY_VERB,
        "deeprx_gui.cli.history_command",
        (
            "deeprx history list --verdict NG,REVIEW --since today",
            "deeprx history report shift.html --since 2026-11-23T06:00",
            'deeprx history decide 4711 ok --note "only dust"',
        ),
    ),
    "msa": Command(
        say("find out whether people and stations judge parts alike, and rightly"),
        Work.ANYBODYS,
        "deeprx_gui.cli.msa_command",
        (
            "deeprx msa study.csv --sheet study.html",
            "deeprx msa --history --truth samples.csv --since today",
        ),
    ),
    "backbones": Command(
        say("list, import and fetch backbones"),
        Work.BY_VERB,
        "deeprx_gui.cli.backbones_command",
        ("deeprx backbones list", "deeprx backbones import resnet18-f37072fd.pth"),
    ),
    "central": Command(
        say("the database that several stations share: set up, connect, look, delete old months"),
        Work.BY_VERB,
        "deeprx_gui.cli.central_command",
        (
            "deeprx central init --host db.plant --user deeprx_owner --ca plant-ca.pem",
            "deeprx central station add line_3 --host db.plant --user deeprx_owner",
            "deeprx central connect db.plant --user line_3 --line 3 --ca plant-ca.pem",
        ),
    ),
    "self-test": Command(
        say("check this PC and this program"),
        Work.ANYBODYS,
        "deeprx_gui.cli.self_test_command",
        ("deeprx self-test",),
    ),
    "benchmark": Command(
        say("measure what scoring and learning cost on this PC"),
        Work.ANYBODYS,
        "deeprx_gui.cli.benchmark_command",
        ("deeprx benchmark", "deeprx benchmark --backbones efficientnet-lite0,resnet18 --json"),
    ),
}
