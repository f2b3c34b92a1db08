"""How numbers are written: three significant digits in charts, signs, percent, points, months; "-" is not
known.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date

UNKNOWN = "-"
_SCALES = ((1e9, " bn"), (1e6, " M"), (1e3, " k"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def short(value: float) -> str:
    """Three significant digits with k, M or bn; whole numbers below 1000.

    >>> short(1234567.0), short(-18300.0), short(412.4), short(0.0), short(float("nan")), short(999_600.0)
    ('1.23 M', '-18.3 k', '412', '0', '-', '1.00 M')
    """
    if math.isnan(value):
        return UNKNOWN
    size = float(f"{abs(value):.3g}")
    sign = "-" if value < 0 and size else ""
    for scale, suffix in _SCALES:
        if size >= scale:
            return f"{sign}{_three_digits(size / scale)}{suffix}"
    return f"{sign}{abs(value):.0f}" if size >= 10 or size == round(size) else f"{sign}{size:g}"


def signed(value: float) -> str:
    """As `short`, with the sign always written.

    >>> signed(1500.0), signed(-2.0)
    ('+1.50 k', '-2')
    """
    return UNKNOWN if math.isnan(value) else f"{'+' if value > 0 else ''}{short(value)}"


def full(value: float) -> str:
    """All digits, thousands separated.

    >>> full(1234567.4)
    '1,234,567'
    """
    return UNKNOWN if math.isnan(value) else f"{value:,.0f}"


def percent(value: float) -> str:
    """One decimal.

    >>> percent(97.25), percent(float("nan"))
    ('97.2 %', '-')
    """
    return UNKNOWN if math.isnan(value) else f"{value:.1f} %"


def share(part: float, whole: float) -> str:
    """part in % of the whole, cut to one decimal: 100.0 % is said of all of it only, to 1e-6 of it.

    >>> share(99.97, 100.0), share(100.0, 100.0), share(1.0, 0.0)
    ('99.9 %', '100.0 %', '-')
    """
    if not whole or math.isnan(part) or math.isnan(whole):
        return UNKNOWN
    pct = 100 * part / whole
    return percent(math.floor(10 * pct) / 10 if pct < 100 * (1 - 1e-6) else pct)


def points(value: float) -> str:
    """A difference of percentages.

    >>> points(-1.25)
    '-1.2 pp'
    """
    return UNKNOWN if math.isnan(value) else f"{value:+.1f} pp"


def change_pct(value: float, base: float) -> str:
    """value against base as a signed percentage.

    >>> change_pct(110.0, 100.0), change_pct(1.0, 0.0)
    ('+10.0 %', '-')
    """
    return (
        UNKNOWN
        if not base or math.isnan(value) or math.isnan(base)
        else f"{100 * (value - base) / abs(base):+.1f} %"
    )


def month(label: str) -> str:
    """A bucket label as people say it; labels that are no month stay as they are.

    >>> month("2014-01"), month("2014-01-06"), month("W07")
    ('Jan 14', '6 Jan 14', 'W07')
    """
    parts = label.split("-")
    if len(parts) not in (2, 3) or not all(part.isdigit() for part in parts) or not 1 <= int(parts[1]) <= 12:
        return label
    name = f"{_MONTHS[int(parts[1]) - 1]} {parts[0][-2:]}"
    return name if len(parts) == 2 else f"{int(parts[2])} {name}"


def months(labels: Sequence[str]) -> str:
    """From the first to the last of these buckets.

    >>> months(["2014-01", "2014-02", "2014-03"]), months(["2014-01"])
    ('Jan 14 to Mar 14', 'Jan 14')
    """
    return " to ".join(dict.fromkeys((month(labels[0]), month(labels[-1]))))


def day(value: date) -> str:
    """A calendar day: 3 Jan 14."""
    return month(value.isoformat())


def _three_digits(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:.0f}"
