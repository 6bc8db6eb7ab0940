"""The looks of the reports: light, dark and printed; the colours are those of the window."""

from __future__ import annotations

from dataclasses import asdict

from deeprx_gui.domain.colours import DARK, LABEL_COLOURS, LIGHT, Tokens
from deeprx_gui.domain.verdict import VERDICTS

_LAYOUT = """
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--window); color: var(--text); font-size: 15px; line-height: 1.55;
  font-family: "Segoe UI", system-ui, "Yu Gothic UI", "Meiryo", "Hiragino Sans",
    "Noto Sans CJK JP", "Noto Sans JP", sans-serif;
}
main { max-width: 1120px; margin: 0 auto; padding: 32px 24px 48px; }
header p, .muted, figcaption small, caption { color: var(--muted); }
h1 { font-size: 28px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 0 0 12px; }
h3 { font-size: 16px; margin: 20px 0 8px; }
p { margin: 0 0 8px; max-width: 84ch; overflow-wrap: anywhere; }
section {
  background: var(--surface); border: 1px solid var(--line); border-radius: 10px;
  padding: 20px 24px; margin-top: 20px;
}
.counts { display: grid; grid-template-columns: repeat(5, 1fr); gap: 12px; }
.count { border-radius: 8px; padding: 12px 16px; background: var(--sunken); }
.count b { display: block; font-size: 32px; line-height: 1.15; font-variant-numeric: tabular-nums; }
.count span { white-space: nowrap; }
.count small { color: inherit; opacity: .85; margin-left: 6px; }
.bar { display: flex; height: 12px; border-radius: 6px; overflow: hidden; margin-top: 16px;
  background: var(--sunken); gap: 2px; }
.bar i { display: block; min-width: 3px; }
.badge { display: inline-block; min-width: 4.6em; text-align: center; padding: 1px 8px;
  border-radius: 5px; font-weight: 600; font-size: 13px; white-space: nowrap; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; padding: 6px 20px 6px 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { color: var(--muted); font-weight: 600; white-space: nowrap; }
td { overflow-wrap: anywhere; }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.results th:last-child, .results td:last-child { width: 99%; }
td.label { white-space: nowrap; }
td small { display: block; font-size: 13px; } td small:not(.ERROR) { color: var(--muted); }
.facts th { width: 14em; }
.cells { width: auto; }
.cells td, .cells th { padding: 8px 24px 8px 0; min-width: 5.2em; vertical-align: baseline; }
.cells td.n { font-size: 17px; } .cells .wrong { font-weight: 700; }
.gallery { display: grid; gap: 16px; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(320px, 1fr)); }
.gallery.single { grid-template-columns: repeat(auto-fill, minmax(155px, 1fr)); }
figure { margin: 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden;
  break-inside: avoid; background: var(--surface); }
.pair { display: grid; grid-auto-flow: column; grid-auto-columns: 1fr; gap: 2px;
  background: var(--sunken); }
.pair img { display: block; width: 100%; height: auto; max-height: 280px; object-fit: contain; }
figcaption { padding: 8px 12px; display: flex; flex-wrap: wrap; gap: 2px 10px;
  align-items: baseline; }
figcaption b { font-variant-numeric: tabular-nums; white-space: nowrap; }
figcaption small { flex-basis: 100%; overflow-wrap: anywhere; }
.scale { display: flex; align-items: center; gap: 10px; margin: 0 0 16px; font-size: 13px;
  color: var(--muted); }
.scale i { width: 180px; height: 10px; border-radius: 5px; }
svg { display: block; width: 100%; height: auto; }
.heat { position: relative; }
.heat svg { position: absolute; inset: 0; height: 100%; }
.heat circle { fill: none; stroke: #fff; stroke-width: 2; }
.heat .edge { stroke: #000; stroke-opacity: .75; stroke-width: 5; }
svg text { fill: var(--muted); font-size: 13px; font-family: inherit; }
svg .axis { stroke: var(--line); } svg .grid { stroke: var(--line); stroke-dasharray: 2 4; }
svg .limit { stroke-width: 2; }
svg .line { fill: none; stroke: var(--accent-text); stroke-width: 2; }
svg .dot { fill: var(--accent-text); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 8px 0 0; font-size: 13px;
  color: var(--muted); }
.legend i { display: inline-block; width: 12px; height: 12px; border-radius: 3px;
  margin-right: 6px; vertical-align: -1px; }
.columns { display: grid; gap: 0 40px; align-items: start;
  grid-template-columns: repeat(auto-fit, minmax(300px, 1fr)); }
@media (max-width: 700px) {
  main { padding: 16px 12px; } section { padding: 16px; }
  .counts { grid-template-columns: repeat(2, 1fr); }
}
@media print {
  @page { margin: 14mm; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { background: #fff; font-size: 10.5pt; } main { padding: 0; max-width: none; }
  section { border: 0; padding: 0; margin-top: 18px; }
  h2, h3 { break-after: avoid; } tr, .count, svg { break-inside: avoid; }
  thead { display: table-header-group; }
  .gallery { grid-template-columns: repeat(3, 1fr); gap: 8px; } .pair img { max-height: 60mm; }
  .gallery.single { grid-template-columns: repeat(4, 1fr); }
  figcaption { font-size: 9pt; padding: 4px 8px; }
}
"""


def _variables(tokens: Tokens) -> str:
    """Return the colours of a theme as variables: ``review_soft`` becomes ``--review-soft``."""
    return " ".join(
        f"--{name.replace('_', '-')}: {value};"
        for name, value in asdict(tokens).items()
        if name != "name"
    )


def _verdict_rules(verdict: str) -> str:
    colour = f"var(--{verdict.lower()})"
    soft = f"var(--{verdict.lower()}-soft)"
    return (
        f".{verdict} {{ color: {colour}; }}\n"
        f".count.{verdict}, .badge.{verdict} {{ background: {soft}; }}\n"
        f".bar .{verdict}, .legend i.{verdict} {{ background: {colour}; }}\n"
        f"svg rect.{verdict} {{ fill: {colour}; }} svg .limit.{verdict} {{ stroke: {colour}; }}\n"
        f"svg text.{verdict} {{ fill: {colour}; font-weight: 600; }}\n"
    )


def _label_rules(label: str, role: str) -> str:
    colour = f"var(--{role.replace('_', '-')})"
    return f"svg .{label} {{ fill: {colour}; }} .legend .{label} {{ background: {colour}; }}\n"


STYLE = (
    f":root {{ color-scheme: light dark; {_variables(LIGHT)} }}\n"
    f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_variables(DARK)} }} }}\n"
    + "".join(_verdict_rules(verdict.value) for verdict in VERDICTS)
    + "".join(_label_rules(label.value, role) for label, role in LABEL_COLOURS.items())
    + _LAYOUT
)
