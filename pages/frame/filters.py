"""The one filter bar, kept across pages: category, family, market, months, units or money."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from sop_engine.charts.numbers import month
from sop_engine.charts.view import View
from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar

ALL = ""
UNITS, MONEY = "Units", "Money"


def filter_bar(inputs: Inputs) -> View:
    """Draws the bar and returns what it selects; every page that is cut by anything uses this one."""
    products, markets = inputs.products, inputs.markets
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filter_bar"):
        category = _choice("Category", sorted(set(products.category[products.sellable])), "All categories")
        sold = products.sellable & products.group(category)
        family = _choice("Family", sorted(set(products.family[sold])), "All families")
        market = _choice("Market", market_options(inputs), "All markets")
        months = _choice(
            "Months", tuple(month_spans(inputs.calendar))[1:], next(iter(month_spans(inputs.calendar)))
        )
        money = _units_or_money(inputs)
    mask = products.group(category) & products.group(family)
    return View(
        products=mask if category or family else np.ones(len(products), dtype=bool),
        markets=markets.group(market),
        periods=month_spans(inputs.calendar)[months or next(iter(month_spans(inputs.calendar)))],
        money=money,
        words=", ".join(part for part in (family or category, market) if part),
    )


def market_options(inputs: Inputs) -> tuple[str, ...]:
    """Regions, then channels, then single markets; a label that is several of these comes once."""
    markets = inputs.markets
    return tuple(
        dict.fromkeys([*sorted(set(markets.region)), *sorted(set(markets.channel)), *markets.labels])
    )


def product_groups(inputs: Inputs) -> tuple[str, ...]:
    """Families, then categories, of what is sold: the targets of demand, price and service levers."""
    products = inputs.products
    sold = products.sellable
    return tuple(dict.fromkeys([*sorted(set(products.family[sold])), *sorted(set(products.category[sold]))]))


def month_spans(calendar: Calendar) -> dict[str, np.ndarray]:
    """{words: plan indices}: the whole horizon, the next 12 and 6 buckets, each fiscal year that the plan
    reaches into.
    """
    horizon = np.arange(calendar.horizon)
    spans = {
        f"{month(calendar.plan_labels[0])} to {month(calendar.plan_labels[calendar.horizon - 1])}": horizon
    }
    spans |= {f"Next {count}": horizon[:count] for count in (12, 6) if count < calendar.horizon}
    years = calendar.fiscal_years[calendar.now : calendar.now + calendar.horizon]
    return spans | {f"Fiscal year {year}": horizon[years == year] for year in dict.fromkeys(years.tolist())}


def filtered(offered: Sequence[str], *keys: str) -> str:
    """The first choice of the filter bar under these keys that is offered; "" where none is."""
    chosen = (st.session_state.get(key, ALL) for key in keys)
    return next((label for label in chosen if label and label in offered), ALL)


def _choice(name: str, options: Sequence[str], everything: str) -> str:
    """A select box without a label line; the choice is kept across pages as long as it is still offered."""
    key = f"filter_{name.lower()}"
    if st.session_state.get(key, ALL) not in (ALL, *options):
        st.session_state[key] = ALL
    return st.selectbox(
        name,
        [ALL, *options],
        format_func=lambda label: label or everything,
        key=key,
        persist_state="session",
        label_visibility="collapsed",
        width=190,
    )


def _units_or_money(inputs: Inputs) -> bool:
    """Money is offered where any price is known; without a price there is none."""
    options = [UNITS, MONEY] if np.isfinite(inputs.money.price).any() else [UNITS]
    if st.session_state.get("filter_measure") not in (None, *options):
        st.session_state.filter_measure = UNITS
    choice = st.segmented_control(
        "Units or money",
        options,
        default=options[-1] if inputs.money.base_currency else UNITS,
        required=True,
        format_func=lambda name: (
            inputs.money.base_currency if name == MONEY and inputs.money.base_currency else name
        ),
        key="filter_measure",
        persist_state="session",
        label_visibility="collapsed",
    )
    return choice == MONEY
