"""The streams of the demand side by side: who expects what, where they are apart, and what each weighs."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from pages.demand.exceptions import last_cycle, stored_replays
from pages.frame import session
from pages.frame.filters import product_groups
from pages.frame.page import Page, chart, message, ranked_table
from pages.frame.perform import form_over, submit
from sop_engine.charts import demand_streams as charts
from sop_engine.inputs.judgement import weight_lines
from sop_engine.inputs.tables import Tables
from sop_engine.records import set_weight

ALL_FAMILIES = "all families"


def show(page: Page) -> None:
    """The sentence, all streams by month, the families they disagree on, the weights in force."""
    view = page.view
    last = last_cycle(page, stored_replays())
    shown = charts.streams_shown(page.plan, None if last is None else last.units)
    by_month = charts.month_table(shown, page.plan, view)
    table = charts.ranges(shown, page.plan, view)
    words = charts.stream_words(shown, table, page.plan, view)
    message(words)
    chart(
        charts.stream_lines(shown, page.plan, view, page.style, charts.headline(shown, by_month)),
        "demand_streams",
        alt=f"Demand by month, one line for each stream. {words}",
        frame=lambda: by_month,
    )
    st.caption(
        f"{view.unit(page.plan)}, by month. Where an uploaded stream says nothing of a product, the "
        "statistical baseline with launches (and phase-outs) stands in for it; % against it over the same "
        f"months. Last cycle is {last.what if last else 'not known, so it is not shown'}."
    )
    ranked_table(by_month, "demand_streams_months")
    if not any(stream.uploaded for stream in shown):
        _what_to_load()
    st.markdown("**Where the views are furthest apart**")
    st.caption(
        f"Families, largest range of money first; low and high in {view.unit(page.plan)} over the months of "
        "the filter. The year before and samples are left out: they expect nothing."
    )
    ranked_table(table, "demand_streams_ranges")
    _weights(page, [stream.name for stream in shown if stream.uploaded and not stream.sample])


def _what_to_load() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            "Load forecast_stream.csv with what sales, marketing, finance or customers expect: stream, "
            "product or family, market, period, units or amount, author."
        )
        st.page_link("pages/data.py", label="Load data", icon=":material/upload_file:")


def _weights(page: Page, streams: list[str]) -> None:
    """What each stream weighs and where that is said, and the form that changes it."""
    st.markdown("**Weights in the consensus**")
    st.caption(
        "What is missing to 100 % is that of the statistical baseline with launches. A line of one family "
        "counts before one of all, a line that begins later before an earlier one, and every line before "
        "the setting."
    )
    lines = weight_lines(Tables(session.warehouse().read), page.plan.inputs.settings)
    if len(lines):
        table = lines.assign(
            family=lines["family"].replace("", ALL_FAMILIES),
            ahead=[_ahead(row.from_lag, row.to_lag) for row in lines.itertuples()],
        )
        table = table.rename(
            columns={"ahead": "periods ahead", "weight_pct": "weight %", "source": "said in"}
        )
        ranked_table(
            table[["stream", "family", "periods ahead", "weight %", "said in"]]
            .iloc[::-1]
            .reset_index(drop=True),
            "demand_weights",
        )
    if streams:
        form_over("Change a weight", "weight", lambda: weight_form(page, streams))


def _ahead(first: float, last: float) -> str:
    return f"{first:g} to the end" if np.isnan(last) else f"{first:g} to {last:g}"


def weight_form(page: Page, streams: list[str]) -> None:
    """What a stream weighs, of a family and some periods ahead, with its reason."""
    inputs = page.plan.inputs
    families = sorted(set(inputs.products.family) & set(product_groups(inputs)))
    with st.form("weight_form", border=False):
        stream = st.selectbox("Stream", streams, key="weight_stream")
        family = st.selectbox(
            "Family",
            ["", *families],
            format_func=lambda label: label or ALL_FAMILIES.capitalize(),
            key="weight_family",
        )
        horizon = inputs.calendar.horizon
        first, last = st.slider("Periods ahead (1 is the first of the plan)", 1, horizon, (1, horizon))
        weight = st.number_input("Weight in %", 0.0, 100.0, 50.0, 5.0)
        reason = st.text_input("Reason")
        submit(
            "Set the weight",
            "weight",
            f"{stream} has its weight",
            partial(
                set_weight,
                session.warehouse(),
                inputs,
                stream=stream,
                family=family,
                from_lag=first,
                to_lag=None if last == horizon else last,
                weight_pct=weight,
                reason=reason,
            ),
        )
