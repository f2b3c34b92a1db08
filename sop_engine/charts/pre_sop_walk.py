"""One number through the five plans, in words: what each plan makes of it, and how they hang together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_engine.charts.numbers import full, months, short, signed
from sop_engine.pre_sop.connectivity import COUNT, Step

MOST_PARTS = 4  # named under a number


def part_words(step: Step) -> list[str]:
    """What a number is made of, the largest first part of it before the others; parts of nothing left out.

    The smallest are put together where there are more than MOST_PARTS.
    """
    parts = [(name, amount) for name, amount in step.parts if abs(amount) >= 0.5]
    if len(parts) > MOST_PARTS:
        small = sorted(parts, key=lambda part: -abs(part[1]))[MOST_PARTS - 1 :]
        rest = sum(amount for _, amount in small)
        parts = [part for part in parts if part not in small] + [(f"{len(small)} others", rest)]
    plain = step.unit == COUNT
    return [
        f"{name[:1].lower()}{name[1:]} {short(amount) if plain or not at else signed(amount)}"
        for at, (name, amount) in enumerate(parts)
    ]


def walk_words(steps: Sequence[Step], family: str, labels: Sequence[str]) -> str:
    """The walk in one sentence, from products to money."""
    by_plan = {step.plan: step for step in steps}
    money, parts = by_plan["money"], dict(by_plan["money"].parts)
    sold = by_plan["product"].value
    delivered, revenue = by_plan["supply"].value, parts["revenue"]
    price = f" at {short(revenue / delivered)} {money.unit} a unit" if delivered > 0.5 and revenue else ""
    earned = "" if np.isnan(money.value) else f", {short(money.value)} {money.unit} of gross margin"
    stock = by_plan["inventory"].value
    left = "no stock is loaded" if np.isnan(stock) else f"{full(stock)} units in stock at the end"
    return (
        f"{family}, {months(labels)}: {full(sold)} product{'' if sold == 1 else 's'}, "
        f"{full(by_plan['demand'].value)} units asked for, {full(delivered)} delivered{price}{earned}; "
        f"{left}"
    )


def walk_table(steps: Sequence[Step]) -> pd.DataFrame:
    """plan, number, part, amount, unit: each number with its parts, which add up to it."""
    rows = [
        row
        for step in steps
        for row in (
            *((step.plan, step.name, name, amount, step.unit) for name, amount in step.parts),
            (step.plan, step.name, "total", step.value, step.unit),
        )
    ]
    return pd.DataFrame(rows, columns=["plan", "number", "part", "amount", "unit"])
