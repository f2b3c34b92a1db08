"""The history that the baseline is fitted on: flagged periods, judged one by one, and one product's past."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.page import CHART_CONFIG, Page, chart, may_record, message, presented, ranked_table
from pages.frame.perform import form_over, submit
from pages.frame.strip import escaped
from sop_engine.charts import demand_history as charts
from sop_engine.charts.numbers import month, percent
from sop_engine.demand_review.cleansing import Flag, History, review_history
from sop_engine.demand_review.series import CLASSES, Kind
from sop_engine.inputs import Inputs
from sop_engine.inputs.history import ACTIVE, corrected_history, read_causes
from sop_engine.inputs.tables import Tables
from sop_engine.records import accept_correction, reject_correction, withdraw_correction

PRODUCT, CLICKED = "history_product", "history_clicked"


def show(page: Page) -> None:
    """What is flagged and not judged yet, most money first; the chosen product's past; what was judged."""
    review, cleaned = _reviewed(page.plan.inputs.version, page.plan.inputs, charts.unit_values(page.baseline))
    judged = _judged(page.plan.inputs)
    flags = [
        flag for flag in charts.in_view(review.flags, page.view, page.plan) if _cell(page, flag) not in judged
    ]
    labels = np.array(page.plan.inputs.products.labels, dtype=object)
    inside = sum(product in set(labels[page.view.products]) for product, _ in judged)
    message(sentence(page, flags, inside, len(judged) - inside))
    st.caption(escaped(unread_words(page, review)))
    clicked = _clicked(page, flags)
    product = _product(page, flags)
    if product is not None:
        mine = [flag for flag in flags if flag.product == product]
        if mine and may_record(page.plan.inputs.cycle):
            verdict(page, clicked if clicked in mine else mine[0])
        _past(page, product, cleaned, review)
    _records(page)


def _clicked(page: Page, flags: list[Flag]) -> Flag | None:
    """The flag whose row is clicked; a new click chooses its product."""
    if not flags:
        return None
    table = charts.flag_table(flags, page.plan)
    row = ranked_table(table, "demand_flags", select=True, ids=["product", "period", "kind"])
    found = None if row is None else _cell(page, flags[row])
    if found is not None and st.session_state.get(CLICKED) != found:
        st.session_state[PRODUCT] = found[0]
    st.session_state[CLICKED] = found
    return None if row is None else flags[row]


def sentence(page: Page, flags: list[Flag], judged: int, elsewhere: int = 0) -> str:
    """How much of the history nobody has judged, the largest of it, and how much somebody has."""
    done = f" {judged} {'is' if judged == 1 else 'are'} judged" if judged or elsewhere else ""
    done += f", {elsewhere} outside this filter." if elsewhere else "." * bool(done)
    if not flags:
        return "No period of this history waits to be judged." + done
    first = flags[0]
    inputs = page.plan.inputs
    where = f"{inputs.products.name[first.product]} in {month(inputs.calendar.labels[first.period])}"
    count = "One period looks" if len(flags) == 1 else f"{len(flags)} periods look"
    stake = charts.stake_words(flags, page.plan)
    gone = sum(not charts.planned(page.plan, flag) for flag in flags)
    last = f" {gone} of products without demand in the plan stand last." if gone else ""
    largest = f"the largest is {where}: {first.evidence}"
    return f"{count} unlike regular demand, {stake} apart; {largest}.{last}{done}"


def unread_words(page: Page, review: History) -> str:
    """How the flags are found, and for how many products outliers cannot be told, by reason."""
    sold = page.view.products & page.plan.inputs.products.sellable
    reasons = pd.Series([why.split(":")[0] for p, why in review.unread.items() if sold[p]], dtype=object)
    counted = ", ".join(f"{count} {why}" for why, count in reasons.value_counts().items())
    rule = (
        "Expected is trend x season of the product over all markets (robust STL on logarithms). Flagged: "
        "more than 3 interquartile ranges and 1.5 times off and no new level; next to nothing sold; lost "
        "units on record; a past event. The history is never changed; the baseline is fitted on what is "
        "accepted. A young series borrows the season of its category, so an accepted correction may move "
        "the baseline of relatives too."
    )
    return rule + (f" Outliers cannot be told for: {counted}." if counted else "")


def verdict(page: Page, flag: Flag) -> None:
    """Accept, with the units to forecast from, or reject."""
    inputs = page.plan.inputs
    words = f"{inputs.products.labels[flag.product]}, {month(inputs.calendar.labels[flag.period])}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(escaped(f"{words}: {flag.evidence}"), width="content")
        key = f"{flag.product}_{flag.period}"
        form_over(f"Accept {words}", f"accept_{key}", lambda: _accept_form(page, flag), f"Correct {words}")
        form_over(
            f"Reject {words}", f"reject_{key}", lambda: _reject_form(page, flag), f"Keep {words} as it is"
        )


def _accept_form(page: Page, flag: Flag) -> None:
    st.markdown(escaped(f"Sold {flag.raw:,.0f}; {flag.evidence}. The baseline is then fitted on:"))
    with st.form("accept_form", border=False):
        units = st.number_input("Units instead", min_value=0.0, value=float(round(max(flag.expected, 0.0))))
        reason = st.text_input("Reason")
        submit(
            "Accept",
            "accept",
            "The baseline is fitted on the corrected period",
            lambda **by: accept_correction(
                session.warehouse(), **_named(page, flag), units=units, reason=reason, **by
            ),
        )


def _reject_form(page: Page, flag: Flag) -> None:
    st.markdown(escaped(f"{flag.evidence}. It stays in the history as demand and is not asked about again."))
    with st.form("reject_form", border=False):
        reason = st.text_input("Reason")
        submit(
            "Reject",
            "reject",
            "The period stays as it is",
            lambda **by: reject_correction(session.warehouse(), **_named(page, flag), reason=reason, **by),
        )


def _named(page: Page, flag: Flag) -> dict[str, object]:
    inputs = page.plan.inputs
    return {
        "cycle": inputs.cycle,
        "product": inputs.products.labels[flag.product],
        "period": inputs.calendar.starts[flag.period].item(),
        "kind": str(flag.kind),
        "evidence": flag.evidence,
    }


def _product(page: Page, flags: list[Flag]) -> int | None:
    """The product whose past is shown and judged: that of the row clicked or picked last, kept when what was
    flagged of it is judged; the first flagged one to begin with.
    """
    products = page.plan.inputs.products
    sold = page.view.products & ~np.isnan(page.plan.inputs.demand.history).all(axis=(1, 2))
    options = [label for label, there in zip(products.labels, sold, strict=True) if there]
    if not options:
        return None
    if st.session_state.get(PRODUCT) not in options:
        first = [products.labels[flag.product] for flag in flags[:1]]
        st.session_state[PRODUCT] = (first or options)[0]
    picked = st.selectbox(
        "Product",
        options,
        format_func=lambda label: f"{label}, {products.name[products.positions[label]]}",
        key=PRODUCT,
        persist_state="session",
        width=420,
    )
    return products.positions[picked]


def _past(page: Page, product: int, cleaned: np.ndarray, review: History) -> None:
    inputs = page.plan.inputs
    flags = [flag for flag in review.flags if flag.product == product]
    title = f"{inputs.products.name[product]}: {len(flags) or 'no'} flagged period{'s' * (len(flags) != 1)}"
    chart(
        charts.product_history(page.plan, product, cleaned, flags, page.style, title),
        "demand_past",
        alt=f"History of one product as sold, cleaned and expected, with its flags. {title}",
        frame=lambda: charts.series_table(page.plan, product, cleaned).drop(columns="day"),
    )
    baseline = inputs.demand.baseline
    held = (
        ""
        if np.isnan(baseline.coverage80)
        else f" 80 % range: held {percent(100 * baseline.coverage80)} of past errors of products, families "
        "and the total, each range made without the errors it is held against."
    )
    st.caption(f"Class {CLASSES[Kind(baseline.kind[product])]}.{held}")
    behind = st.expander("Trend, season and remainder", on_change="rerun", key="demand_stl")
    if behind.open:
        with behind:
            if found := charts.decomposition_of(page.plan, product):
                figure = charts.decomposition_panels(page.plan, product, *found, page.style)
                st.plotly_chart(
                    presented(figure),
                    theme=None,
                    key="demand_stl_chart",
                    config=CHART_CONFIG,
                    alt="Trend, season, remainder",
                )
            else:
                st.caption(escaped(f"Cannot be told apart: {review.unread[product]}."))


def _records(page: Page) -> None:
    """What was judged, newest first; a row can be withdrawn."""
    rows = session.recorded("history_correction")
    rows = rows[rows["active"].astype(bool)].sort_values("created_at", ascending=False, kind="stable")
    shown = rows[rows["product"].isin(np.array(page.plan.inputs.products.labels)[page.view.products])]
    if shown.empty:
        other = f"; {len(rows)} outside it" if len(rows) else " yet"
        st.caption(f"Nothing of this filter was judged in this cycle{other}.")
        return
    st.caption("Judged, newest first. Click a row to withdraw it.")
    table = charts.judged_table(shown)
    row = ranked_table(table, "demand_judged", select=True, ids=["product", "market", "period", "made"])
    if row is not None:
        chosen = str(shown["correction_id"].iloc[row])
        what = ", ".join(table.loc[row, ["product", "period", "verdict"]])
        form_over(
            f"Withdraw {chosen}",
            f"withdraw_{chosen}",
            lambda: _withdraw_form(chosen, what),
            title=escaped(f"Withdraw {what}"),
        )


def _withdraw_form(correction_id: str, what: str) -> None:
    st.markdown(escaped(f"{what}: this no longer counts; the period can be judged again."))
    with st.form("withdraw_correction_form", border=False):
        reason = st.text_input("Why it is withdrawn")
        submit(
            "Withdraw",
            "withdraw_correction",
            f"{correction_id} is withdrawn",
            lambda **by: withdraw_correction(session.warehouse(), correction_id, reason=reason, **by),
        )


def _judged(inputs: Inputs) -> set[tuple[str, np.datetime64]]:
    """Product and first day of every period that somebody has judged."""
    rows = session.warehouse().read("SELECT product, period FROM history_correction WHERE active")
    return set(zip(rows["product"], rows["period"].to_numpy(dtype="datetime64[D]")))


def _cell(page: Page, flag: Flag) -> tuple[str, np.datetime64]:
    inputs = page.plan.inputs
    return inputs.products.labels[flag.product], inputs.calendar.starts[flag.period]


@st.cache_resource(show_spinner="Reading the history", max_entries=2)
def _reviewed(version: str, _inputs: Inputs, _price: np.ndarray) -> tuple[History, np.ndarray]:
    """The flags of this data, and the history with the accepted corrections."""
    tables = Tables(session.warehouse().read)
    causes = read_causes(tables, _inputs.calendar, _inputs.products)
    history, axes = _inputs.demand.history, (_inputs.calendar, _inputs.products, _inputs.markets)
    cleaned = corrected_history(history, tables.read(ACTIVE), *axes)
    return review_history(history, _price, causes, _inputs.calendar.season), cleaned
