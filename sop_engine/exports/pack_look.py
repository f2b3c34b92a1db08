"""Number formats that spreadsheets and native charts share, so that a chart whose data is edited keeps its
digits, signs and marks."""

from __future__ import annotations

from sop_engine.exports.pack_content import Chart, Kind, Label, Role

LITERAL = {  # a cell that starts with = or looks like a link or a number stays the text that it is
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
CELL_FORMATS = {
    Kind.MONEY: "#,##0",
    Kind.UNITS: "#,##0",
    Kind.CHANGE: '"▲ "+#,##0;"▼ "-#,##0;0',
    Kind.PERCENT: '0.0" %"',
    Kind.PERCENT_CHANGE: '+0.0" %";-0.0" %";0.0" %"',
    Kind.EXACT: "General",
    Kind.TEXT: "@",
}


SCALES = ((1e9, ",,,", " bn"), (1e6, ",,", " M"), (1e3, ",", " k"))
CROWDED = 8  # points beside which a label has no room for its scale


def number_format(chart: Chart) -> str:
    """Three digits at the largest value, in the scale of all: one chart, one scale.

    >>> from sop_engine.exports.pack_content import Series, Shape
    >>> line = Series("Revenue", (61.2e6, None), Role.PLAN)
    >>> number_format(Chart("", "USD", ("a", "b"), (line,), Shape.LINES, ""))
    '#,##0.0,," M"'
    """
    if chart.unit == "%":
        return '0.0" %"'
    largest, commas, suffix = _scale(chart)
    if not commas:
        return "#,##0" if largest >= 10 or not largest else "0.##"
    digits = 2 if largest < 10 else 1 if largest < 100 else 0
    return f'#,##0{"." * (digits > 0)}{"0" * digits}{commas}"{suffix}"'


def axis_format(chart: Chart) -> str:
    """As `number_format`, in the round numbers of a scale."""
    if chart.unit == "%":
        return '0" %"'
    largest, commas, suffix = _scale(chart)
    return (
        f'#,##0{".0" if commas and largest < 10 else ""}{commas}"{suffix}"'
        if commas
        else number_format(chart)
    )


def label_format(chart: Chart, label: Label) -> str:
    """Three digits at each label, with sign and mark where it is a change; without its scale where labels
    stand close, which `scale_words` then names."""
    if label is Label.CHANGE and len(chart.categories) > CROWDED:
        commas = _scale(chart)[1]
        digits = "0.0" if commas else "0"
        return f'"▲\N{NO-BREAK SPACE}+"{digits}{commas};"▼\N{NO-BREAK SPACE}-"{digits}{commas};""'
    if label is Label.CHANGE:
        plain = number_format(chart)
        return f'"▲\N{NO-BREAK SPACE}+"{plain};"▼\N{NO-BREAK SPACE}-"{plain};""'
    if chart.unit == "%":
        return number_format(chart)
    lead = {Label.RISE: '"▲\N{NO-BREAK SPACE}+"', Label.FALL: '"▼\N{NO-BREAK SPACE}-"'}.get(label, "")
    return f'[>=999500]{lead}#,##0.00,," M";[>=999.5]{lead}#,##0.0," k";{lead}#,##0'


def scale_words(chart: Chart) -> str:
    """The title of a chart, with the scale of its labels where they stand without it.

    >>> from sop_engine.exports.pack_content import Series, Shape
    >>> gap = Series("Gap", (1.5e6,) * 9, Role.GOOD, label=Label.CHANGE)
    >>> scale_words(Chart("Gap, USD", "USD", ("a",) * 9, (gap,), Shape.GAPS, ""))
    'Gap, USD (M)'
    """
    bare = len(chart.categories) > CROWDED and any(one.label is Label.CHANGE for one in chart.series)
    suffix = _scale(chart)[2].strip()
    return f"{chart.title} ({suffix})" if bare and suffix else chart.title


def _scale(chart: Chart) -> tuple[float, str, str]:
    """(largest value in its scale, commas of a number format, suffix)."""
    seen = [
        abs(v) for one in chart.series for v in one.values if v is not None and one.role is not Role.UNSEEN
    ]
    largest = max(seen, default=0.0)
    for scale, commas, suffix in SCALES:
        if largest >= scale:
            return largest / scale, commas, suffix
    return largest, "", ""
