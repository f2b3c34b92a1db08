"""The pack as one HTML file that needs no network: figures, tables, sentences, light and dark, printable."""

from __future__ import annotations

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from sop_engine.charts.offline import CONFIG, plotly_script
from sop_engine.charts.style import DARK, LIGHT, FigureDict, Style, html, layout
from sop_engine.exports.pack_content import (
    Bullets,
    Chart,
    Kind,
    Label,
    Pack,
    Role,
    Series,
    Shape,
    Slide,
    Table,
    color_of,
    full_words,
    words_of,
)

LOOK = """
:root { color-scheme: light dark; --text: #16202c; --muted: #55606e; --grid: #e4e8ee; --ground: #ffffff;
--good: #1a7f37; --bad: #b42318; }
@media (prefers-color-scheme: dark) { :root { --text: #e8edf3; --muted: #a9b4c0; --grid: #2a333e;
--ground: #11151b; --good: #3fb950; --bad: #ff7b72; } }
body { font: 16px/1.5 Inter, Arial, system-ui, sans-serif; color: var(--text); background: var(--ground);
max-width: 76rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 2rem; margin: 0; } h2 { font-size: 1.4rem; margin: 0; line-height: 1.3; }
section { border-top: 1px solid var(--grid); padding: 1.5rem 0; }
nav { columns: 2; margin: 1rem 0; } nav a { display: block; color: inherit; }
.stamp, .subtitle, .source { color: var(--muted); } .source { font-size: 0.85rem; }
.scroll { overflow-x: auto; } .figure { width: 100%; min-height: 340px; }
table { border-collapse: collapse; width: 100%; margin: 0.75rem 0; }
th, td { padding: 0.3rem 0.75rem 0.3rem 0; text-align: left; vertical-align: top; white-space: pre-line;
border-bottom: 1px solid var(--grid); }
th { color: var(--muted); } .number { text-align: right; font-variant-numeric: tabular-nums; }
.good { color: var(--good); } .bad { color: var(--bad); }
@media print { @page { size: A4 landscape; margin: 12mm; } section { break-inside: avoid; border: 0; }
nav { display: none; } body { max-width: none; padding: 0; } }
"""
DRAW = """
const dark = matchMedia("(prefers-color-scheme: dark)");
function draw(night) {
  for (const [id, looks] of Object.entries(FIGURES)) {
    const look = looks[night ? "dark" : "light"];
    Plotly.react(id, look.data, look.layout, CONFIG);
  }
}
draw(dark.matches && !matchMedia("print").matches);
dark.addEventListener("change", event => draw(event.matches));
addEventListener("beforeprint", () => draw(false));
addEventListener("afterprint", () => draw(dark.matches));
"""
SIGNS = {Label.RISE: "▲ +", Label.FALL: "▼ -", Label.PLAIN: ""}
DASHES = {Role.FORECAST: "dash", Role.BUDGET: "dot", Role.BAND: "dash"}
HEIGHT, BAR = 360, 34  # pixels of a figure, and of a lying bar


def html_page(pack: Pack) -> str:
    """The whole pack as a page; nothing is loaded from anywhere."""
    charts = {f"{slide.key}_{at}": chart for slide in pack.slides for at, chart in _charts(slide)}
    figures = {
        key: {"light": figure(chart, LIGHT), "dark": figure(chart, DARK)} for key, chart in charts.items()
    }
    head = f"{escape(pack.company)}: {escape(pack.title)}"
    links = "".join(f'<a href="#{slide.key}">{escape(slide.title)}</a>' for slide in pack.slides[1:])
    body = "".join(_section(slide, first=at == 0, links=links) for at, slide in enumerate(pack.slides))
    script = f"const FIGURES = {_script(figures)}; const CONFIG = {_script(CONFIG)};{DRAW}"
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{head}</title>"
        f"<meta name='viewport' content='width=device-width, initial-scale=1'><style>{LOOK}</style></head>"
        f"<body>{body}<p class='stamp'>{escape(pack.stamp)}</p>"
        f"<script>{plotly_script()}</script><script>{script}</script></body></html>"
    )


def figure(chart: Chart, style: Style) -> FigureDict:
    """A chart of the pack in the notation of all pages."""
    lying = chart.shape is Shape.BARS
    traces = [_trace(one, chart, style) for one in chart.series]
    value, names = ("xaxis", "yaxis") if lying else ("yaxis", "xaxis")
    frame = layout(
        style,
        chart.title,
        "" if chart.unit in chart.title else chart.unit,
        height=max(HEIGHT, 120 + BAR * len(chart.categories)) if lying else HEIGHT,
        barmode=_BARMODES.get(chart.shape, "group"),
        bargap=0.1 if any(one.role is Role.UNSEEN for one in chart.series) else 0.3,
        hovermode="closest",
        showlegend=chart.legend,
        legend={"orientation": "h", "y": -0.15},
        **{
            names: {"type": "category", "autorange": "reversed"} if lying else {"type": "category"},
            value: {"tickformat": "~s", **_reach(chart)},
        },
    )
    if chart.rule is not None:
        line = {"color": style.bad, "width": 1.5, "dash": "dash"}
        across = {"x0": chart.rule, "x1": chart.rule, "y0": 0, "y1": 1, "yref": "paper"}
        frame["shapes"] = [{"type": "line", **across, "line": line}]
    return {"data": traces, "layout": frame}


_BARMODES = {Shape.STACKED: "relative", Shape.GAPS: "relative", Shape.COLUMNS: "group"}


def _reach(chart: Chart) -> dict[str, Any]:
    """The scale of floating bars, which need not begin at zero."""
    if chart.floor is None:
        return {}
    columns = zip(
        *([value or 0.0 for value in one.values] for one in chart.series if not one.line), strict=True
    )
    top = max(sum(column) for column in columns)
    return {"range": [chart.floor, top + 0.1 * (top - chart.floor)]}


def _trace(one: Series, chart: Chart, style: Style) -> dict[str, Any]:
    names, values = list(map(html, chart.categories)), list(one.values)
    if chart.shape is Shape.LINES or one.line:
        floats = any(other.role is Role.UNSEEN for other in chart.series)
        look = {"color": color_of(one.role, style), "dash": DASHES.get(one.role, "solid"), "width": 2.5}
        mode = {"mode": "markers", "marker": {"color": look["color"], "size": 12, "symbol": "diamond"}}
        drawn = mode if floats else {"mode": "lines", "line": look}
        return {"type": "scatter", "name": html(one.name), "x": names, "y": values, **drawn}
    roles = [one.role_at(at) for at in range(len(values))]
    hidden = {"hoverinfo": "skip", "showlegend": False} if one.role is Role.UNSEEN else {}
    edge = {"color": style.budget, "width": [1.5 if role is Role.BUDGET else 0 for role in roles]}
    fills = [
        "rgba(0,0,0,0)" if role in (Role.BUDGET, Role.UNSEEN) else color_of(role, style) for role in roles
    ]
    lying = chart.shape is Shape.BARS
    place = {"x": values, "y": names, "orientation": "h"} if lying else {"x": names, "y": values}
    return {
        "type": "bar",
        "name": html(one.name),
        **place,
        "marker": {"color": fills, "line": edge},
        "text": [_label(one, value, chart.unit) for value in values],
        "textposition": "auto" if chart.shape is Shape.STACKED else "outside",
        "insidetextfont": {"color": style.text if one.role is Role.BUDGET else style.background},
        "outsidetextfont": {"color": style.text},
        "cliponaxis": False,
        **hidden,
    }


def _label(one: Series, value: float | None, unit: str) -> str:
    """What stands beside a point: the digits of the pages."""
    if value is None or one.label is Label.NONE:
        return ""
    if one.label is Label.CHANGE:
        return words_of(value, Kind.CHANGE)
    return SIGNS[one.label] + words_of(abs(value) if SIGNS[one.label] else value, _kind(unit))


def _kind(unit: str) -> Kind:
    return Kind.PERCENT if unit == "%" else Kind.MONEY


def _charts(slide: Slide) -> Iterator[tuple[int, Chart]]:
    return ((at, block) for at, block in enumerate(slide.blocks) if isinstance(block, Chart))


def _section(slide: Slide, first: bool, links: str) -> str:
    parts = []
    for at, block in enumerate(slide.blocks):
        if isinstance(block, Chart):
            alt = escape(block.alt, quote=True)
            parts.append(f'<div class="figure" id="{slide.key}_{at}" role="img" aria-label="{alt}"></div>')
        elif isinstance(block, Table):
            parts.append(_table(block))
        else:
            parts.append(_bullets(block))
    level = "h1" if first else "h2"
    return (
        f'<section id="{slide.key}"><{level}>{escape(slide.title)}</{level}>'
        f'<p class="subtitle">{escape(slide.subtitle)}</p>{"".join(parts)}'
        f'<p class="source">Source: {escape(slide.source)}</p>'
        f"{f'<nav>{links}</nav>' if first else ''}</section>"
    )


def _bullets(block: Bullets) -> str:
    head = f"<p><b>{escape(block.head)}</b></p>" if block.head else ""
    return f"{head}<ul>{''.join(f'<li>{escape(line)}</li>' for line in block.lines)}</ul>"


def _table(block: Table) -> str:
    """Every row, in full digits."""
    kinds = [column.kind for column in block.columns]
    head = "".join(
        f'<th scope="col"{_class(kind, "")}>{escape(column.name)}</th>'
        for column, kind in zip(block.columns, kinds, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f"<td{_class(kind, text)}>{escape(text)}</td>"
            for kind, text in ((k, full_words(cell, k)) for cell, k in zip(row, kinds, strict=True))
        )
        + "</tr>"
        for row in block.rows
    )
    caption = f'<table aria-label="{escape(block.alt, quote=True)}">'
    return f'<div class="scroll">{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


def _class(kind: Kind, text: str) -> str:
    names = [] if kind is Kind.TEXT else ["number"]
    names += ["good"] if text.endswith(" better") else ["bad"] if text.endswith(" worse") else []
    return f' class="{" ".join(names)}"' if names else ""


def _script(value: object) -> str:
    """JSON that may stand in a script: a text in it cannot end the script."""
    return json.dumps(value, allow_nan=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")
