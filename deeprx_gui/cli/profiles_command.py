"""``deeprx profiles``: look after product profiles."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from deeprx_gui.cli.context import Context
from deeprx_gui.cli.fit_command import limits_as_json
from deeprx_gui.cli.output import print_json, print_table
from deeprx_gui.domain.profile import Profile
from deeprx_gui.i18n import render, tr

Answer = tuple[dict[str, object], Callable[[], None], int]


def add(parser: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = parser.add_subparsers(dest="verb", required=True, metavar=tr("what"))
    name_help = tr("name of the product profile")
    listing = verbs.add_parser("list", parents=[common], help=tr("list all profiles"))
    show = verbs.add_parser("show", parents=[common], help=tr("show one profile"))
    history = verbs.add_parser(
        "history", parents=[common], help=tr("who changed what, when and why")
    )
    diff = verbs.add_parser("diff", parents=[common], help=tr("compare two revisions"))
    rollback = verbs.add_parser(
        "rollback", parents=[common], help=tr("make an older revision the current one")
    )
    export = verbs.add_parser("export", parents=[common], help=tr("write a profile to one file"))
    importing = verbs.add_parser("import", parents=[common], help=tr("take in a profile file"))
    verify = verbs.add_parser(
        "verify", parents=[common], help=tr("read every revision and check it")
    )
    for verb in (show, history, diff, rollback, export):
        verb.add_argument("name", help=name_help)
    verify.add_argument("name", nargs="?", help=tr("name of the product profile (default: all)"))
    show.add_argument("--revision", type=revision, help=tr("revision, for example 3 or r0003"))
    diff.add_argument("old", type=revision, help=tr("revision, for example 3 or r0003"))
    diff.add_argument("new", type=revision, help=tr("revision, for example 3 or r0003"))
    rollback.add_argument("revision", type=revision, help=tr("revision, for example 3 or r0003"))
    export.add_argument("target", type=Path, help=tr("file to write, or folder"))
    export.add_argument("--revision", type=revision, help=tr("revision, for example 3 or r0003"))
    importing.add_argument("file", type=Path, help=tr("a .deeprx file"))
    importing.add_argument("--name", help=tr("name to give it here"))
    for verb in (rollback, importing):
        verb.add_argument("--why", default="", help=tr("reason, written into the history"))
    for verb in (listing, show, history, diff, rollback, export, importing, verify):
        verb.add_argument("--json", action="store_true", help=tr("print one JSON object"))


def revision(text: str) -> int:
    """Parse ``3`` or ``r0003``; argparse turns the ValueError into a sentence."""
    return int(text.lower().removeprefix("r"))


def run(args: argparse.Namespace, context: Context) -> int:
    """Run the verb."""
    answer, show, code = VERBS[args.verb](args, context)
    if args.json:
        print_json(answer)
    else:
        show()
    return code


def _label(number: int) -> str:
    return f"r{number:04d}"


def _list(_args: argparse.Namespace, context: Context) -> Answer:
    cards = context.store.list()
    answer = [
        {
            "id": c.id,
            "name": c.name,
            "revision": c.revision,
            "revisions": c.revisions,
            "normals": c.normals,
            "detector": c.detector,
            "backbone": c.backbone,
            "saved_at": c.saved_at.isoformat() if c.saved_at else None,
            "last_used": c.last_used.isoformat() if c.last_used else None,
            "who": c.who,
            "problem": render(c.problem) if c.problem else None,
        }
        for c in cards
    ]

    def show() -> None:
        if not cards:
            print(tr("There are no profiles yet. Learn one with “deeprx fit NAME IMAGES”."))
            return
        rows = [
            (
                c.name,
                _label(c.revision),
                c.saved_at.astimezone().strftime("%Y-%m-%d %H:%M") if c.saved_at else "–",
                c.detector,
                c.backbone,
                str(c.normals),
                render(c.problem) if c.problem else "",
            )
            for c in cards
        ]
        header = (tr("Name"), tr("Revision"), tr("Saved"), tr("Detector"), tr("Backbone"))
        print_table((*header, tr("Normal images"), ""), rows)

    return {"profiles": answer}, show, 0


def profile_as_json(profile: Profile) -> dict[str, object]:
    """Return everything of a profile but its arrays and pictures."""
    origin = profile.origin
    return {
        "id": profile.id,
        "name": profile.name,
        "revision": profile.revision,
        "detector": profile.detector.name,
        "detector_settings": dict(profile.detector.settings),
        "backbone": profile.backbone.name,
        "weights_sha256": profile.backbone.weights_sha256,
        "taps": list(profile.backbone.taps),
        "size": profile.preprocessing.size,
        "keep_aspect": profile.preprocessing.keep_aspect,
        "sigma": profile.scoring.sigma,
        "score": profile.scoring.reduce,
        "limits": limits_as_json(profile.limits),
        "suggested_limits": limits_as_json(profile.suggested),
        "held_out_scheme": profile.held_out_scheme.value,
        "normals": [{"path": n.source, "held_out": n.held_out} for n in profile.normals],
        "golden": [{"name": g.name, "score": g.score} for g in profile.golden],
        "who": origin.who,
        "when": origin.when.isoformat(),
        "why": origin.why,
        "program": origin.program,
        "runtime": origin.runtime,
    }


def _show(args: argparse.Namespace, context: Context) -> Answer:
    profile = context.store.load(args.name, args.revision)
    answer = profile_as_json(profile)

    def show() -> None:
        plain = {k: v for k, v in answer.items() if not isinstance(v, list | dict)}
        plain["taps"] = ", ".join(map(str, profile.backbone.taps))
        plain["limits"] = f"{profile.limits.review:.4g} / {profile.limits.ng:.4g}"
        plain["normals"] = len(profile.normals)
        print_table((tr("Field"), tr("Value")), [(k, str(v)) for k, v in plain.items()])

    return answer, show, 0


def _history(args: argparse.Namespace, context: Context) -> Answer:
    entries = context.store.history(args.name)
    answer = [
        {
            "revision": e.revision,
            "when": e.when.isoformat(),
            "who": e.who,
            "what": render(e.what),
            "why": e.why,
            "changes": [render(d.text) for d in e.changes],
            "current": e.is_current,
            "problem": render(e.problem) if e.problem else None,
        }
        for e in entries
    ]

    def show() -> None:
        for e in entries:
            mark = "*" if e.is_current else " "
            when = e.when.astimezone().strftime("%Y-%m-%d %H:%M")
            print(
                f"{mark} {_label(e.revision)}  {when}  {e.who}  {render(e.what)}  {e.why}".rstrip()
            )
            for line in (
                *(render(d.text) for d in e.changes),
                *([render(e.problem)] if e.problem else []),
            ):
                print(f"      {line}")

    return {"profile": args.name, "history": answer}, show, 0


def _diff(args: argparse.Namespace, context: Context) -> Answer:
    found = context.store.diff(args.name, args.old, args.new)
    lines = [{"field": d.field, "text": render(d.text)} for d in found]

    def show() -> None:
        for line in lines or [{"text": tr("No difference.")}]:
            print(line["text"])

    return {"profile": args.name, "old": args.old, "new": args.new, "differences": lines}, show, 0


def _rollback(args: argparse.Namespace, context: Context) -> Answer:
    who = context.settings.who
    profile = context.store.rollback(args.name, args.revision, who=who, why=args.why)
    return (
        {"profile": profile.name, "revision": profile.revision},
        lambda: print(
            tr(
                "“{name}” now uses revision {revision}.",
                name=profile.name,
                revision=_label(profile.revision),
            )
        ),
        0,
    )


def _export(args: argparse.Namespace, context: Context) -> Answer:
    written = context.store.export(args.name, args.target, args.revision)
    return (
        {"profile": args.name, "file": str(written)},
        lambda: print(tr("Written: {path}", path=written)),
        0,
    )


def _import(args: argparse.Namespace, context: Context) -> Answer:
    profile = context.store.import_file(
        args.file, who=context.settings.who, name=args.name, why=args.why
    )
    return (
        {"profile": profile.name, "id": profile.id, "revision": profile.revision},
        lambda: print(tr("Imported as “{name}”.", name=profile.name)),
        0,
    )


def _verify(args: argparse.Namespace, context: Context) -> Answer:
    names = [args.name] if args.name else [card.id for card in context.store.list()]
    rows = [(name, finding) for name in names for finding in context.store.verify(name)]
    sound = all(finding.sound for _, finding in rows)
    answer = [
        {
            "profile": name,
            "revision": f.revision,
            "sound": f.sound,
            "sha256": f.sha256,
            "problem": render(f.problem) if f.problem else None,
        }
        for name, f in rows
    ]

    def show() -> None:
        for name, f in rows:
            where = _label(f.revision) if f.revision is not None else ""
            print(f"{name} {where}  {tr('sound') if f.problem is None else render(f.problem)}")

    return {"sound": sound, "findings": answer}, show, 0 if sound else 2


VERBS: Mapping[str, Callable[[argparse.Namespace, Context], Answer]] = {
    "list": _list,
    "show": _show,
    "history": _history,
    "diff": _diff,
    "rollback": _rollback,
    "export": _export,
    "import": _import,
    "verify": _verify,
}
