"""What people changed on the consensus by judgement, the cells that are locked against it, and the forms for
both."""

from __future__ import annotations

from datetime import date
from functools import partial

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.assumptions import watch_override
from pages.frame.cached import plan_of
from pages.frame.filters import filtered, market_options, product_groups
from pages.frame.page import Page, may_record, message, ranked_table
from pages.frame.perform import form_over, perform, submit
from pages.frame.solved import solved_words
from pages.frame.strip import escaped
from sop_engine.charts import demand_overrides as charts
from sop_engine.charts.numbers import month
from sop_engine.demand_review.judgement import effect_of, refusal
from sop_engine.executive_sop.decisions import STAGE_WORDS
from sop_engine.inputs.judgement import Override
from sop_engine.inputs.reader import with_override
from sop_engine.records import (
    OVERRIDE_REASONS,
    add_lock,
    add_override,
    drop_lock,
    drop_override,
    override_of,
)
from sop_engine.scenario import BASELINE

KINDS = {"pct": "by %", "add": "by units", "units": "to units", "amount": "to money"}


def show(page: Page) -> None:
    """The overrides with what each moves, largest money first, and the locks."""
    inputs = page.plan.inputs
    currency = inputs.money.base_currency
    rows = session.recorded("override")
    table = charts.override_table(rows, page.baseline, page.view)
    message(charts.override_words(table, currency, charts.counting_elsewhere(rows, table, inputs)))
    if not table.empty:
        _overrides(page, table, currency)
    _locks(page)


def _overrides(page: Page, table: pd.DataFrame, currency: str) -> None:
    """The list, those that no longer count on demand; a row opens its withdrawal."""
    past = st.toggle(
        "Show those that no longer count",
        key="overrides_past",
        disabled=(table["status"] == charts.COUNTS).all(),
    )
    if not past:
        table = table[table["status"] == charts.COUNTS].reset_index(drop=True)
    st.caption(
        f"What each adds, over the months of the filter, in units and at the plan's price"
        f"{f' in {currency}' if currency else ''}; in the order they were made each acts on what the ones "
        "before leave. Click a row to withdraw it."
    )
    row = ranked_table(table, "demand_overrides", select=True, ids=["override"])
    if row is not None and table["status"][row] != charts.WITHDRAWN:
        chosen = str(table["override"][row])
        what = f"{table['scope'][row]}, {table['months'][row]}: {table['change'][row]}"
        form_over(
            f"Withdraw {chosen}",
            f"withdraw_{chosen}",
            lambda: _end_form(
                f"{what}, of {table['owner'][row]}, no longer counts in the consensus; it stays on record.",
                "Withdraw",
                f"{chosen} is withdrawn",
                partial(drop_override, session.warehouse(), chosen),
            ),
            title=escaped(f"Withdraw {what}"),
        )
        watch_override(page.plan, chosen)


def _locks(page: Page) -> None:
    """The locks that hold, each of which can be lifted, and the form for another."""
    st.markdown("**Locked cells**")
    st.caption(
        "An override made after a lock leaves its cells as they are and spreads over the others; one made "
        "before still counts."
    )
    rows = session.recorded("demand_lock")
    rows = rows[rows["active"].astype(bool)].reset_index(drop=True)
    row = None
    if not rows.empty:
        table = charts.lock_table(rows, page.baseline)
        row = ranked_table(table, "demand_locks", select=True, ids=["lock"])
    if not may_record(page.plan.inputs.cycle):
        return
    with st.container(horizontal=True):
        form_over("Lock cells", "lock", lambda: lock_form(page))
        if row is not None:
            chosen = str(rows["lock_id"][row])
            what = f"{table['scope'][row]}, {table['months'][row]}"
            form_over(
                f"Lift {chosen}",
                f"lift_{chosen}",
                lambda: _end_form(
                    f"The lock of {what} no longer holds its cells; it stays on record.",
                    "Lift",
                    f"{chosen} is lifted",
                    partial(drop_lock, session.warehouse(), chosen),
                ),
                title=escaped(f"Lift the lock of {what}"),
            )


def _end_form(words: str, label: str, done: str, action: partial) -> None:
    """The reason why a record no longer counts."""
    st.markdown(escaped(words))
    with st.form("end_form", border=False):
        reason = st.text_input("Why")
        submit(label, "end", done, partial(action, reason=reason))


def override_form(page: Page) -> None:
    """A dated judgement on the demand of a scope; what it does is said before it is saved."""
    inputs = page.plan.inputs
    scope = _scope(page, "override")
    kinds = KINDS if inputs.money.base_currency else {k: words for k, words in KINDS.items() if k != "amount"}
    left, right = st.columns(2, vertical_alignment="bottom")
    kind = left.segmented_control(
        "Change",
        list(kinds),
        default="pct",
        required=True,
        format_func=kinds.__getitem__,
        key="override_kind",
    )
    unit = {"pct": "%", "amount": inputs.money.base_currency}.get(kind, "units")
    verb = "By" if kind in ("pct", "add") else "To"
    value = right.number_input(f"{verb} how many {unit}", value=0.0, step=1.0, key=f"override_value_{kind}")
    _preview(page, scope, kind, value)
    terms = _terms(page)
    who = session.name_input("override")
    if st.button("Override", type="primary", key="override_save"):
        perform(
            "The override is in the consensus",
            lambda: add_override(
                session.warehouse(),
                inputs,
                **scope,
                **terms,
                kind=kind,
                value=value,
                who=session.signed(who),
                at=session.now(),
            ),
        )


def _preview(page: Page, scope: dict[str, object], kind: str, value: float) -> None:
    """What the scope holds now and what it will hold, or why that cannot be."""
    plan = page.baseline
    blank = dict.fromkeys(("override_id", "reason", "owner", "note", "created_by", "stage"), "")
    said = {"kind": kind, "value": value, "expires": None, "created_at": session.now()}
    row = {**blank, **scope, **said, "cycle": plan.inputs.cycle}
    held = plan.demand.before("Overrides") + plan.demand.steps["Overrides"]
    override = override_of(row, plan.inputs)
    effect = effect_of(override, held, plan.inputs)
    if why := effect.cells and refusal(override, effect):
        st.warning(escaped(why))
    else:
        words = " ".join(charts.effect_words(effect, plan.inputs.money.base_currency))
        st.info(escaped(f"{words} {_solved(page, override) if value and effect.cells else ''}"))


def _solved(page: Page, override: Override) -> str:
    """What supply and money make of it, the plan solved with it; so what is saved then is solved already."""
    after = plan_of(with_override(page.baseline.inputs, override), BASELINE)
    return f"Solved, not recorded yet. {solved_words(page.baseline, after)}"


def _terms(page: Page) -> dict[str, object]:
    """reason, note, owner, expires and stage of an override."""
    calendar = page.plan.inputs.calendar
    left, right = st.columns(2)
    reason = left.selectbox(
        "Reason", OVERRIDE_REASONS, index=None, placeholder="Choose a reason", key="override_reason"
    )
    owner = right.text_input("Owner (blank: you)", key="override_owner")
    note = st.text_input("Note", key="override_note", placeholder="What is behind it, in a few words")
    left, right = st.columns(2)
    expires = left.date_input(
        "Expires (blank: never)",
        value=None,
        min_value=calendar.starts[calendar.now].item(),
        max_value=calendar.ends[-1].item(),
        key="override_expires",
    )
    stages = list(STAGE_WORDS)
    stage = right.selectbox(
        "Made in",
        stages,
        index=stages.index("demand"),
        format_func=STAGE_WORDS.__getitem__,
        key="override_stage",
    )
    return {"reason": reason or "", "owner": owner.strip(), "note": note, "expires": expires, "stage": stage}


def lock_form(page: Page) -> None:
    """The cells that overrides made from now on leave as they are."""
    inputs = page.plan.inputs
    scope = _scope(page, "lock")
    with st.form("lock_form", border=False):
        reason = st.text_input("Reason")
        owner = st.text_input("Owner (blank: you)").strip()
        submit(
            "Lock",
            "lock",
            "The cells are locked",
            partial(add_lock, session.warehouse(), inputs, **scope, reason=reason, owner=owner),
        )


def _scope(page: Page, place: str) -> dict[str, object]:
    """product or family, market, from_period and to_period that somebody chooses, those of the filter to
    begin with; never a frozen period.
    """
    inputs = page.plan.inputs
    calendar, products = inputs.calendar, inputs.products
    groups = product_groups(inputs)
    single = [label for label, sold in zip(products.labels, products.sellable, strict=True) if sold]
    offered, markets = list(dict.fromkeys(["", *groups, *single])), ["", *market_options(inputs)]
    left, right = st.columns(2)
    group = left.selectbox(
        "Product, family or category",
        offered,
        index=offered.index(filtered(offered, "filter_family", "filter_category")),
        format_func=lambda label: label or "All products",
        key=f"{place}_group",
    )
    market = right.selectbox(
        "Market, region or channel",
        markets,
        index=markets.index(filtered(markets, "filter_market")),
        format_func=lambda label: label or "All markets",
        key=f"{place}_market",
    )
    labels = calendar.plan_labels[calendar.frozen : calendar.horizon]
    first, last = st.select_slider(
        "Months",
        labels,
        value=_first_months(page, labels),
        format_func=month,
        key=f"{place}_months",
    )
    if calendar.frozen:
        st.caption(f"Before {month(labels[0])} the plan is frozen: nothing there can be changed.")
    one = "family" if group in groups else "product"
    return {
        "product": "",
        "family": "",
        "market": market,
        one: group,
        **{name: _first_day(page, label) for name, label in (("from_period", first), ("to_period", last))},
    }


def _first_months(page: Page, labels: tuple[str, ...]) -> tuple[str, str]:
    """The months of the filter that are not frozen, where it names any; else the next three."""
    plan_labels = page.plan.inputs.calendar.plan_labels
    shown = [plan_labels[period] for period in page.view.periods if plan_labels[period] in labels]
    if st.session_state.get("filter_months") and shown:
        return shown[0], shown[-1]
    return labels[0], labels[min(2, len(labels) - 1)]


def _first_day(page: Page, label: str) -> date:
    calendar = page.plan.inputs.calendar
    return calendar.starts[calendar.labels.index(label)].item()
