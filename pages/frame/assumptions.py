"""What the plan takes for granted, wherever it is shown: the count in the title line, the broken ones of a
review, and the form to write one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.filters import filtered, market_options, month_spans, product_groups
from pages.frame.perform import form_over, perform
from pages.frame.strip import escaped
from sop_engine.assumptions.assumption import MEASURES, Assumption, assumptions_of
from sop_engine.assumptions.checked import BROKEN, Checked, check
from sop_engine.charts import assumptions as charts
from sop_engine.charts.numbers import month
from sop_engine.inputs import Inputs
from sop_engine.inputs.calendar import Calendar
from sop_engine.inputs.performance import PastSupply, read_performance
from sop_engine.inputs.tables import Tables
from sop_engine.plan import Plan
from sop_engine.records.assumptions import add_assumption, leaning_records
from sop_engine.records.notes import DONE, OPEN, set_note_status

TOLERANCE = 5.0  # %, that the form begins with
LOOK_BACK = 12  # past months that the form offers
NEXT = 3  # months that it begins with
SHOWN = 4  # broken ones in words


@dataclass(frozen=True)
class Start:
    """What the form begins with. group: product, family or category; first, last: bucket labels; note_id: of
    the captured note that it replaces, which is done once the assumption is written"""

    key: str = "blank"
    text: str = ""
    measure: str = ""
    group: str = ""
    market: str = ""
    first: str = ""
    last: str = ""
    owner: str = ""
    rests_on: tuple[str, ...] = ()
    note_id: str = ""


def held(plan: Plan) -> tuple[Checked, ...]:
    """The open assumptions of this cycle and those before it, held against actuals and this plan; once for
    each commit."""
    version, revision = plan.inputs.version + plan.inputs.cycle, session.warehouse().revision
    return _held(session.warehouse_path(), revision, version, plan.scenario.to_json(), plan)


def broken_mark(plan: Plan) -> None:
    """What the title says where any is broken: "1 assumption broken", with a mark and in red."""
    if words := charts.count_words(held(plan)):
        st.badge(words, color="red", icon=":material/error:")


def assumptions_of_review(stage: str, plan: Plan) -> None:
    """The record part of a review: how its assumptions stand, the broken ones in words, and the form."""
    mine = [found for found in held(plan) if stage in found.assumption.stages]
    if mine:
        st.markdown("**What it takes for granted**")
        st.caption(escaped(charts.tally_words(mine)))
        broken_ones(mine, plan)
    write_over(plan, f"{stage}_assumption")


def broken_ones(checked: Sequence[Checked], plan: Plan) -> None:
    """The broken assumptions with what came and the families and money that lean on them, most money first;
    how many more there are."""
    broken = [found for found in checked if found.status == BROKEN]
    for found in broken[:SHOWN]:
        title = found.assumption.text + " (sample)" * found.assumption.sample
        said = escaped(charts.broken_sentence(found, plan))
        st.markdown(f":red-badge[:material/error: broken] **{escaped(title)}.** {said}")
    if len(broken) > SHOWN:
        st.caption(f"{len(broken) - SHOWN} more are broken; the register on the Cycle page has them all.")


def write_over(plan: Plan, key: str, start: Start | None = None, label: str = "Write an assumption") -> None:
    """The button that opens the form to write one."""
    form_over(
        label, key, lambda: _write_form(plan, start or _from_filter(plan.inputs)), "Write an assumption"
    )


def watch_override(plan: Plan, override_id: str) -> None:
    """The button that turns the note of an override into an assumption: its words, scope, months and owner,
    with what the plan says as expected, resting on it."""
    start = from_override(plan.inputs, override_id)
    write_over(plan, f"watch_{override_id}", start, f"Make the note of {override_id} an assumption")


def from_override(inputs: Inputs, override_id: str) -> Start:
    """The words, scope, months and owner of an override, on which it rests."""
    rows = session.recorded("override")
    row = rows[rows["override_id"] == override_id].iloc[0]
    first, last = (_label_of(inputs.calendar, row[name]) for name in ("from_period", "to_period"))
    return Start(
        key=override_id,
        text=row["note"] or row["reason"],
        measure="demand_units",
        group=row["product"] or row["family"],
        market=row["market"],
        first=first,
        last=last,
        owner=row["owner"],
        rests_on=(override_id,),
    )


def from_note(inputs: Inputs, note: pd.Series) -> Start:
    """The words and the owner of a captured note, on the scope of the filter."""
    start, note_id = _from_filter(inputs), str(note["note_id"])
    return replace(start, key=note_id, text=note["text"], owner=note["owner"], note_id=note_id)


def _from_filter(inputs: Inputs) -> Start:
    """A blank text on the scope and the months of the filter, the next three where it names none."""
    calendar = inputs.calendar
    spans = month_spans(calendar)
    periods = spans.get(st.session_state.get("filter_months"), np.arange(min(NEXT, calendar.horizon)))
    labels = calendar.plan_labels
    return Start(
        group=filtered(product_groups(inputs), "filter_family", "filter_category"),
        market=filtered(market_options(inputs), "filter_market"),
        first=labels[periods[0]],
        last=labels[periods[-1]],
    )


def _write_form(plan: Plan, start: Start) -> None:
    """Words first; then, if anything measures it, of what, when, how much and how far off it may be."""
    key = f"assumption_{start.key}_"
    text = st.text_area("What is taken for granted", value=start.text, key=f"{key}text")
    measures = ["", *MEASURES]
    measure = st.selectbox(
        "Measured by",
        measures,
        index=measures.index(start.measure),
        format_func=lambda name: MEASURES[name].words.capitalize() if name else "Words only",
        key=f"{key}measure",
    )
    draft = replace(_blank(text), measure=measure)
    if measure:
        draft = _measured(plan, _scoped(plan.inputs, draft, start, key), key)
        st.caption(escaped(f"{MEASURES[measure].words.capitalize()}: {MEASURES[measure].formula}."))
    owner = st.text_input("Owner (blank: you)", value=start.owner, key=f"{key}owner")
    rests_on = resting_input(plan.inputs.cycle, start.rests_on, f"{key}rests")
    who = session.name_input("assumption")
    if st.button("Write it down", type="primary", key=f"{key}save"):
        perform(
            "The assumption is written down",
            lambda: _add(plan.inputs.cycle, draft, owner, rests_on, session.signed(who), start.note_id),
        )


def _add(cycle: str, draft: Assumption, owner: str, rests_on: Sequence[str], who: str, note_id: str) -> None:
    measured, at = bool(draft.measure), session.now()
    add_assumption(
        session.warehouse(),
        cycle=cycle,
        text=draft.text,
        measure=draft.measure,
        product=draft.product,
        family=draft.family,
        market=draft.market,
        currency=draft.currency,
        from_period=draft.first,
        to_period=draft.last,
        expected=draft.expected if measured else None,
        tolerance_pct=draft.tolerance_pct if measured else None,
        owner=owner,
        rests_on=rests_on,
        who=who,
        at=at,
    )
    if note_id:
        set_note_status(session.warehouse(), note_id, DONE, seen=OPEN, who=who, at=at)


def _scoped(inputs: Inputs, draft: Assumption, start: Start, key: str) -> Assumption:
    """The draft with product or family, market, currency, and the days of its first and last month."""
    products, calendar = inputs.products, inputs.calendar
    groups = product_groups(inputs)
    left, right = st.columns(2)
    if draft.measure == "exchange_rate":
        currencies = sorted(set(inputs.markets.currency) - {inputs.money.base_currency})
        draft = replace(draft, currency=left.selectbox("Currency", currencies, key=f"{key}currency") or "")
    else:
        offered = ["", *groups, *(label for label in products.labels if label not in groups)]
        group = left.selectbox(
            "Product, family or category",
            offered,
            index=offered.index(start.group) if start.group in offered else 0,
            format_func=lambda label: label or "All products",
            key=f"{key}group",
        )
        markets = ["", *market_options(inputs)]
        market = right.selectbox(
            "Market, region or channel",
            markets,
            index=markets.index(start.market) if start.market in markets else 0,
            format_func=lambda label: label or "All markets",
            key=f"{key}market",
        )
        draft = replace(draft, market=market, **{"family" if group in groups else "product": group})
    labels = calendar.labels[max(calendar.now - LOOK_BACK, 0) : calendar.now + calendar.horizon]
    ends = tuple(label if label in labels else labels[0] for label in (start.first, start.last))
    first, last = st.select_slider("Months", labels, ends, format_func=month, key=f"{key}months")
    return replace(draft, first=bucket_day(calendar, first), last=bucket_day(calendar, last))


def _measured(plan: Plan, draft: Assumption, key: str) -> Assumption:
    """The draft with what is expected, the plan's own value to begin with, and its tolerance; says how it
    would stand today."""
    (found,) = check(plan, [draft], past_supply(plan.inputs))
    known = [value for value in (found.planned, found.actual) if np.isfinite(value)]
    whole = draft.measure in ("demand_units", "revenue")
    left, right = st.columns(2)
    scope = (
        draft.measure,
        draft.product,
        draft.family,
        draft.market,
        draft.currency,
        draft.first,
        draft.last,
    )
    expected = left.number_input(
        f"Expected, {draft.unit(plan.inputs.money.base_currency)}",
        value=float(round(known[0], 0 if whole else 4)) if known else 0.0,
        min_value=0.0,
        format="%.0f" if whole else "%.4f",
        key=f"{key}expected_{'_'.join(map(str, scope))}",
    )
    tolerance = right.number_input(
        "It may differ by, %", 0.0, value=TOLERANCE, step=1.0, key=f"{key}tolerance"
    )
    draft = replace(draft, expected=expected, tolerance_pct=tolerance)
    if expected:
        (found,) = check(plan, [draft], past_supply(plan.inputs))
        said = charts.broken_sentence(found, plan) if found.status == BROKEN else found.why
        st.info(escaped(" ".join(filter(None, [said, charts.departure_words(found, plan)])) or "It holds."))
    return draft


def resting_input(cycle: str, chosen: Sequence[str], key: str) -> list[str]:
    """Asks which overrides, requests and decisions lean on it; those that no longer count are not offered."""
    rows = leaning_records(session.warehouse(), cycle)
    rows = rows[rows["open"].astype(bool) | rows["id"].isin(chosen)]
    words = {row.id: f"{row.id}, {row.kind}: {row.words}" for row in rows.itertuples()}
    return st.multiselect(
        "What rests on it",
        list(words),
        default=[one for one in chosen if one in words],
        format_func=words.__getitem__,
        key=key,
    )


def past_supply(inputs: Inputs) -> PastSupply:
    """What supply did in the past of these inputs."""
    return _past(session.warehouse_path(), inputs.version + inputs.cycle, inputs)


def bucket_day(calendar: Calendar, label: str) -> date:
    """First day of a bucket."""
    return calendar.starts[calendar.labels.index(label)].item()


def _label_of(calendar: Calendar, day: pd.Timestamp) -> str:
    """The bucket of a day, the nearest one of data and plan."""
    at = int(calendar.locate(np.array([day], dtype="datetime64[D]"))[0])
    return calendar.labels[min(max(at, 0), calendar.now + calendar.horizon - 1)]


def _blank(text: str) -> Assumption:
    return Assumption("", "", text)


@st.cache_resource(show_spinner=False, max_entries=16)
def _held(path: str, revision: int, version: str, scenario: str, _plan: Plan) -> tuple[Checked, ...]:
    open_ones = assumptions_of(session.recorded("assumption"), _plan.inputs.cycle)
    delivers = any(one.measure == "on_time_pct" for one in open_ones)
    return check(_plan, open_ones, past_supply(_plan.inputs) if delivers else None)


@st.cache_resource(show_spinner=False, max_entries=2)
def _past(path: str, version: str, _inputs: Inputs) -> PastSupply:
    return read_performance(Tables(session.warehouse().read), _inputs.calendar)
