"""Where the plans do not meet, ranked in money; one that is clicked becomes an issue, or is asked for."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame import session
from pages.frame.asking import ask_for_gap
from pages.frame.decisions import standing_decisions, that_wait
from pages.frame.page import Page, chart, may_record, ranked_table
from pages.frame.perform import form_over
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from pages.pre.raising import raise_form
from sop_engine.charts import pre_sop as charts
from sop_engine.charts.numbers import month, months, short
from sop_engine.executive_sop.decisions import Status
from sop_engine.pre_sop.gaps import Gap, GapKind, find_gaps, rolled_up
from sop_engine.pre_sop.issues import gap_name, gaps_above, is_owned, least_gap

LEAST = "exception_least_pct"


def show(page: Page) -> None:
    """The gaps as bars and table; the row that is clicked, month by month."""
    gaps, plan = gaps_of(page), page.plan
    if not gaps:
        st.info(charts.gap_words(gaps, plan))
        return
    figure = charts.gap_bars(gaps, plan, page.style)
    if figure["data"]:
        chart(figure, "pre_sop_gaps", charts.gap_words(gaps, plan), lambda: charts.gap_table(gaps))
    st.caption(escaped(_count_words(page, gaps)))
    bare = _without_owner(page)
    gaps = tuple(sorted(gaps, key=lambda gap: gap not in bare))
    row = ranked_table(_table(page, gaps), "pre_sop_gap_table", select=True, ids=("gap", "scope"))
    if row is not None:
        _detail(page, gaps[row])


def gaps_of(page: Page) -> tuple[Gap, ...]:
    """Every gap of the company over the months of the filter, one for each kind and scope."""
    return rolled_up(find_gaps(page.plan, page.view.periods), page.plan.inputs.money.base_currency)


def gaps_that_matter(page: Page) -> tuple[Gap, ...]:
    """Those in which the plan falls short by more than the least that needs a meeting."""
    return gaps_above(gaps_of(page), least_money(page))


def least_money(page: Page) -> float:
    """Below this, in the base currency, a gap needs no owner."""
    return least_gap(page.plan, page.view.periods, page.plan.inputs.settings[LEAST])


def owned_gaps(page: Page) -> dict[str, str]:
    """{name of a gap: its issue, owner and standing}: of issues that wait and have an owner, and of those
    that were decided on what is loaded now. A gap that opens anew on newer data is nobody's.
    """
    rows = standing_decisions(page.plan.inputs.cycle)
    decided = (rows["status"] == Status.DECIDED) & rows["decision_id"].isin(_solved_now(page))
    rows = rows[(rows["gap"] != "") & (((rows["owner"] != "") & that_wait(rows)) | decided)]
    return {
        row.gap: f"{row.decision_id}, {row.owner or 'settled'}, {row.status}" for row in rows.itertuples()
    }


def _solved_now(page: Page) -> set[str]:
    """Ids of the decisions with an option that was solved on what is loaded now."""
    options, loaded = session.recorded("decision_option"), page.plan.inputs.version.partition("-")[0]
    solved = options["data_version"].map(lambda version: version.partition("-")[0] == loaded)
    return set(options.loc[solved.astype(bool), "decision_id"])


def _without_owner(page: Page) -> list[Gap]:
    """The gaps that need an owner and have none."""
    owned = owned_gaps(page)
    return [gap for gap in gaps_that_matter(page) if not is_owned(gap, owned)]


def _count_words(page: Page, gaps: tuple[Gap, ...]) -> str:
    matter, bare = gaps_that_matter(page), len(_without_owner(page))
    least = f"{short(least_money(page))} {page.plan.inputs.money.base_currency}".rstrip()
    return (
        f"Whole company, {_span(page)}, largest money first. {len(matter)} of {len(gaps)} fall short by more "
        f"than {least} (setting {LEAST}) and need an owner; without one, and first in the table: {bare}. "
        "Click a row to raise an issue."
    )


def _span(page: Page) -> str:
    return months([page.plan.inputs.calendar.plan_labels[period] for period in page.view.periods])


def _table(page: Page, gaps: tuple[Gap, ...]) -> pd.DataFrame:
    matter, owned = set(map(gap_name, gaps_that_matter(page))), owned_gaps(page)
    rows = [
        (
            str(gap.kind),
            gap.scope,
            month(gap.period) if gap.period else "all",
            gap.money,
            gap.units,
            owned.get(gap_name(gap), "needs an owner" if gap_name(gap) in matter else ""),
            lever_words(gap.sentence),
        )
        for gap in gaps
    ]
    money = f"money, {page.plan.inputs.money.base_currency}".rstrip(", ")
    columns = ["gap", "scope", "month", money, "units", "issue and owner", "in words"]
    return pd.DataFrame(rows, columns=columns)


def _detail(page: Page, gap: Gap) -> None:
    """The gap that was clicked: in words, as an issue, as a request, and month by month."""
    st.markdown(escaped(lever_words(gap.sentence)))
    if may_record(page.plan.inputs.cycle):
        with st.container(horizontal=True, gap="small"):
            form_over(
                "Raise as an issue",
                "raise_gap",
                lambda: raise_form(page, gap),
                title=f"Raise an issue: {gap_name(gap)}",
            )
            if gap.kind is GapKind.BUDGET:
                ask_for_gap(page, gap)
    members = [
        one
        for one in find_gaps(page.plan, page.view.periods)
        if (one.kind, one.scope) == (gap.kind, gap.scope) and one.period
    ]
    if len(members) > 1:
        ordered = sorted(members, key=lambda one: one.period)
        ranked_table(charts.gap_table(ordered).drop(columns=["kind", "scope"]), "pre_sop_gap_months")
