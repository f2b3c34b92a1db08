"""The families that need the meeting, largest money first, and what was reviewed."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pages.demand import scoreboard, why
from pages.frame import session
from pages.frame.page import Page, chart, may_record, message, ranked_table
from pages.frame.perform import form_over, submit
from pages.frame.strip import escaped
from sop_engine.charts import demand_review as charts
from sop_engine.charts.demand_exceptions import (
    LastCycle,
    basis_words,
    count_words,
    exception_table,
    last_statistical,
)
from sop_engine.charts.numbers import change_pct, day, month, months, short
from sop_engine.demand_review.exceptions import BY_KIND, OPEN
from sop_engine.inputs.reader import history_version
from sop_engine.records import clear_exception, last_published, reopen_exception, version_before
from sop_engine.replays import Replays, past_cycles, read_replays


def show(page: Page) -> None:
    """The exceptions, open ones first; a row opens the family's months and the form that clears it."""
    replays = stored_replays()
    last = last_cycle(page, replays)
    reviews = session.recorded("exception_review", page.plan.inputs.cycle)
    reviews = reviews[reviews["active"].astype(bool)]
    table = exception_table(page.plan, page.view, last, replays, reviews)
    changes = charts.family_changes(page.plan, page.baseline, page.view)
    currency = page.plan.inputs.money.base_currency
    message(count_words(table, len(changes), currency) + ".")
    st.caption(escaped(f"{basis_words(page.plan, last, replays)} Click a row to open the family."))
    _offer_replay(page, replays)
    shown = _shown(table, currency)
    row = ranked_table(shown, "demand_exceptions", select=True, ids=["status", "family", "what"])
    why.focus("exceptions", "" if row is None else str(table["family"][row]))
    if row is not None:
        if may_record(page.plan.inputs.cycle):
            _review_button(page, table.iloc[row])
        family_chart(page, changes, str(table["family"][row]), "demand_family")
    every = st.expander("All families", on_change="rerun", key="demand_families")
    if every.open:
        with every:
            st.caption(f"Over the months of the filter; {page.view.unit(page.plan)}. Click a row to open it.")
            row = ranked_table(changes, "demand_family_changes", select=True, ids=["family"])
            why.focus("families", "" if row is None else str(changes["family"][row]))
            if row is not None:
                family_chart(page, changes, str(changes["family"][row]), "demand_any_family")


def _offer_replay(page: Page, replays: Replays | None) -> None:
    """Replays the earlier cycles, without which the bias and mostly the last cycle are not known."""
    count = len(past_cycles(page.plan.inputs.calendar))
    if replays is None and count and st.button(f"Replay the last {count} cycles", key="exceptions_replay"):
        scoreboard.replay_cycles(page.plan.inputs)
        st.rerun()


def last_cycle(page: Page, replays: Replays | None) -> LastCycle | None:
    """The last consensus that was signed in an earlier cycle, else of the plan published last, else the
    replayed baseline of the cycle before; None where there is none of them.
    """
    warehouse, cycle = session.warehouse(), page.plan.inputs.cycle
    version = version_before(warehouse.read, cycle, earlier_cycle=True)
    if version is None:
        version = last_published(warehouse, before_cycle=cycle)
    if version is not None:
        kept = why.kept_version(page, str(version["snapshot_id"]))
        what = f"{version['name']} of {month(str(version['cycle']))}"
        return LastCycle(page.plan.demand.unconstrained, kept.units, what)
    return last_statistical(page.plan, replays) if replays is not None else None


def family_chart(page: Page, changes: pd.DataFrame, family: str, key: str) -> None:
    """The months of one family; changes: of `family_changes`."""
    view = page.view.narrowed(page.plan.inputs.products.family == family, family)
    labels = [page.plan.inputs.calendar.plan_labels[period] for period in view.periods]
    row = changes.set_index("family").loc[family]
    change = change_pct(row["consensus"], row["consensus"] - row["vs statistical"])
    total = f"{short(row['consensus'])} {page.view.unit(page.plan)}"
    title = f"{family}, {months(labels)}: {total}, {change} on the statistical baseline"
    chart(
        charts.history_and_consensus(page.plan, page.baseline, view, page.style, title, 320),
        key,
        alt=f"Demand of {family} by month",
        frame=lambda: charts.demand_series(page.plan, page.baseline, view).drop(columns="day"),
    )


def _shown(table: pd.DataFrame, currency: str) -> pd.DataFrame:
    """The columns that are read in the meeting."""
    money = f"money, {currency}".rstrip(", ")
    named = table.rename(columns={"pct": "by %", "money": money}).assign(
        what=[BY_KIND[kind].words for kind in table["kind"]],
        review=[_review_words(row) for _, row in table.iterrows()],
    )
    return named[["status", "family", "what", "by %", "units", money, "owner", "review"]]


def _review_words(row: pd.Series) -> str:
    """What was found, by whom, when and at which value; "" where nobody has looked."""
    if not isinstance(row["note"], str):
        return ""
    when = day(row["reviewed at"].date())
    return f"{row['note']} ({row['reviewed by']}, {when}, then {row['was pct']:+.1f} %)"


def _review_button(page: Page, exception: pd.Series) -> None:
    """Clears an open exception, or takes a reviewed one up again."""
    name = f"{exception['family']}, {BY_KIND[exception['kind']].words}"
    if exception["status"] == OPEN:
        form_over("Reviewed", "clear_exception", lambda: _clear_form(page, exception), title=name)
    else:
        form_over("Open it again", "reopen_exception", lambda: _reopen_form(exception), title=name)


def _clear_form(page: Page, exception: pd.Series) -> None:
    allowed = page.plan.inputs.settings[BY_KIND[exception["kind"]].setting]
    st.markdown(
        escaped(
            f"It is put aside at {exception['pct']:+.1f} % and comes back when it moves by more than "
            f"{allowed:g} points."
        )
    )
    with st.form("clear_exception_form", border=False):
        note = st.text_area("What was found")
        cleared = partial(
            clear_exception,
            session.warehouse(),
            cycle=page.plan.inputs.cycle,
            kind=exception["kind"],
            family=exception["family"],
            pct=float(exception["pct"]),
            note=note,
        )
        submit("Put it aside", "clear_exception", "Reviewed", cleared)


def _reopen_form(exception: pd.Series) -> None:
    with st.form("reopen_exception_form", border=False):
        reason = st.text_input("Why it is open again")
        reopened = partial(reopen_exception, session.warehouse(), str(exception["review_id"]), reason=reason)
        submit("Open it again", "reopen_exception", "Open again", reopened)


def stored_replays() -> Replays | None:
    """The replayed cycles of the history that is loaded; None where they are not replayed yet."""
    warehouse = session.warehouse()
    version = history_version(warehouse)
    rows = warehouse.read("SELECT count(*) AS rows FROM replay WHERE history_version = ?", [version])
    return _replays(session.warehouse_path(), version) if rows["rows"][0] else None


@st.cache_resource(show_spinner=False, max_entries=2)
def _replays(path: str, version: str) -> Replays:
    return read_replays(session.warehouse())
