"""Risk: every option drawn through the real plan, against the budget; what matters most, what was assumed."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from threading import Event, Lock, Thread

import numpy as np
import pandas as pd
import streamlit as st

from pages.demand.exceptions import stored_replays
from pages.demand.scoreboard import replay_cycles
from pages.executive.scenarios import WORKING
from pages.finance.words import not_filtered
from pages.frame import session
from pages.frame.page import Page, chart, message, ranked_table
from pages.frame.perform import form_over, submit
from pages.frame.presenter import is_presenting
from pages.frame.strip import escaped
from sop_engine.charts import executive_risk as charts
from sop_engine.charts.numbers import month
from sop_engine.errors import SopError
from sop_engine.executive_sop.comparison import DO_NOTHING
from sop_engine.executive_sop.window import Window, span_of
from sop_engine.inputs import Inputs
from sop_engine.past_forecasts import past_of
from sop_engine.plan import Plan
from sop_engine.records import read_scenario
from sop_engine.records.risk_results import read_results, result_id, save_results
from sop_engine.records.risks import risk_items
from sop_engine.records.settings import set_settings
from sop_engine.replays import Replays
from sop_engine.risk.calibration import Calibration, calibrate, with_closed
from sop_engine.risk.drivers import Drivers, find_drivers, setting
from sop_engine.risk.outcome import BETTER, MEASURES, Outcomes
from sop_engine.risk.past import read_record
from sop_engine.risk.simulate import carried_out, foresight_error, roomy_model, simulate
from sop_engine.risk.tornado import tornado
from sop_engine.scenario import BASELINE, Scenario
from sop_engine.warehouse import Warehouse
from sop_engine.warehouse.settings import SETTINGS

MOST = 3  # scenarios beside do-nothing
DRAWS, MOST_DRAWS = 300, 2000
CHECKED = 4  # draws that are planned again in two steps
RISK_SETTINGS = tuple(name for name in SETTINGS if name.startswith("risk_"))
TURN_SECONDS = 0.2


@dataclass(frozen=True, eq=False)
class Found:
    """What one question came to: the draws, the tornado of its first option, and what planning in two steps
    gives less, (draws, measures)."""

    outcomes: Outcomes
    tornado: pd.DataFrame
    foresight: np.ndarray


@dataclass(eq=False)
class Job:
    """Draws under way for one session, made in a thread of their own."""

    question: Hashable
    total: int
    stop: Event = field(default_factory=Event)
    ended: Event = field(default_factory=Event)
    done: int = 0
    words: str = "Waiting for another draw to end"
    fault: BaseException | None = None


def show(page: Page) -> None:
    """The options, the draws, and what each option may come to."""
    if np.isnan(page.plan.finance.price).all():
        st.info("Risk is in money: load prices to draw it.")
        return
    not_filtered(page, "risk")
    drivers, calibration = found_drivers(page)
    options, seed, draws = _asked(page)
    question = (
        page.plan.inputs.version,
        drivers.digest(),
        tuple(one.to_json() for one in options),
        seed,
        draws,
    )
    kept = _kept(session.warehouse_path())
    _draw(page, drivers, options, seed, draws, question, kept)
    found: Found | None = kept.get(question)
    rows = _rows(page, found, drivers)
    if rows is not None:
        _results(page, rows, found, drivers)
    st.caption(escaped(charts.calibration_words(calibration)))
    _assumed(page, drivers)


def found_drivers(page: Page) -> tuple[Drivers, Calibration]:
    """What is drawn on today's data and record, and how far past ranges held."""
    replays = stored_replays()
    revision = session.warehouse().revision
    return _drivers(
        session.warehouse_path(), session.data_key(), revision, replays is not None, page.baseline, replays
    )


def _asked(page: Page) -> tuple[tuple[Scenario, ...], int, int]:
    """Do-nothing and the scenarios chosen, the seed, and how many draws."""
    stored = session.stored_scenarios()
    fits = stored[stored["data_version"] == page.plan.inputs.version]
    names = dict(zip(fits["scenario_id"], fits["name"], strict=True))
    if not session.working().is_baseline and session.working().name not in set(stored["name"]):
        names[WORKING] = "The working scenario"
    columns = st.columns([4, 1, 1], gap="small", vertical_alignment="bottom")
    chosen = columns[0].multiselect(
        f"Beside '{DO_NOTHING.lower()}', up to {MOST}",
        list(names),
        default=list(names)[-1:],
        format_func=names.__getitem__,
        max_selections=MOST,
        key="risk_options",
        placeholder="Scenarios" if names else "No scenario is stored on today's data",
    )
    draws = columns[1].number_input("Draws", 20, MOST_DRAWS, DRAWS, 20, key="risk_draws")
    seed = columns[2].number_input(
        "Seed", 1, 9999, 1, 1, key="risk_seed", help="The same seed, the same draws"
    )
    options = [replace(_scenario(key), name=names[key]) for key in chosen]
    return (BASELINE, *options), int(seed), int(draws)


def _scenario(key: str) -> Scenario:
    return session.working() if key == WORKING else read_scenario(session.warehouse(), key)


def _draw(
    page: Page,
    drivers: Drivers,
    options: tuple[Scenario, ...],
    seed: int,
    draws: int,
    question: Hashable,
    kept: dict[Hashable, Found],
) -> None:
    """The button, or the progress of what is under way; the draws are made beside the page."""
    job: Job | None = st.session_state.get("risk_job")
    if job is not None and not job.ended.is_set():
        _under_way()
        return
    if job is not None and job.fault is not None:
        st.session_state.pop("risk_job")
        if not isinstance(job.fault, SopError):
            raise job.fault
        st.error(escaped(str(job.fault)))
    if question in kept or is_presenting():
        return
    if st.button(f"Draw {draws} times", key="risk_draw", type="primary"):
        job = Job(question, draws * len(options))
        st.session_state.risk_job = job
        place = session.warehouse(), session.warehouse_path(), st.session_state.get("who", ""), session.now()
        work = partial(_work, job, page.baseline.inputs, options, drivers, seed, draws, kept, *place)
        Thread(target=work, daemon=True).start()
        st.rerun()


def _work(
    job: Job,
    inputs: Inputs,
    options: tuple[Scenario, ...],
    drivers: Drivers,
    seed: int,
    draws: int,
    kept: dict[Hashable, Found],
    warehouse: Warehouse,
    path: str,
    who: str,
    at: datetime,
) -> None:
    """Draws, finds what matters most, keeps both; one after the other in this process, as each takes all
    cores. A fault is kept for the page to say."""
    turn = _turn(path)
    while not turn.acquire(timeout=TURN_SECONDS):
        if job.stop.is_set():
            job.ended.set()
            return
    try:
        found = _drawn(job, inputs, options, drivers, seed, draws)
        if found is not None:
            save_results(warehouse, found.outcomes, who=who, at=at)
            kept[job.question] = found
    except BaseException as fault:  # noqa: BLE001 - raised again by the page
        job.fault = fault
    finally:
        turn.release()
        job.ended.set()


def _drawn(
    job: Job, inputs: Inputs, options: tuple[Scenario, ...], drivers: Drivers, seed: int, draws: int
) -> Found | None:
    def move(done: int, total: int) -> None:
        job.done, job.words = done, f"{done} of {total} plans solved"

    job.words = "Stating the supply model"
    model = roomy_model(inputs, drivers)
    outcomes = simulate(
        inputs, options, drivers, seed=seed, draws=draws, model=model, progress=move, stop=job.stop
    )
    if outcomes is None:
        return None
    job.words = "Moving each driver alone"
    swings = tornado(carried_out(inputs, options[0], drivers, model), drivers)
    if job.stop.is_set():
        return None
    job.words = "Planning some draws in two steps"
    checked = min(CHECKED, draws)
    return Found(outcomes, swings, foresight_error(inputs, options[0], drivers, model, seed, checked, draws))


@st.fragment(run_every=1.0)
def _under_way() -> None:
    """How far the draws are; looks again every second, and shows the page anew when they have ended."""
    job: Job | None = st.session_state.get("risk_job")
    if job is None or job.ended.is_set():
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(job.done / max(job.total, 1), 1.0), job.words)
        if st.button("Cancel", key="risk_cancel"):
            job.stop.set()
            st.session_state.pop("risk_job")
            st.rerun()


def _rows(page: Page, found: Found | None, drivers: Drivers) -> pd.DataFrame | None:
    """The quantiles to show: of these draws, else those kept last, which say whether they are of today."""
    inputs = page.plan.inputs
    if found is not None:
        names = ["" if one.is_baseline else one.name for one in found.outcomes.options]
        summary = found.outcomes.summary()
        return summary.assign(name=[names[option] for option in summary["option"]])
    rows = _stored(session.warehouse_path(), session.warehouse().revision, inputs.cycle)
    if rows.empty:
        st.info(
            "Nothing is drawn in this cycle yet. Each draw is one course of demand, launches, suppliers, "
            "lines, prices and exchange rates, solved through the real plan."
        )
        return None
    one = rows.iloc[0]
    expected = [
        result_id(inputs.version, drivers.digest(), row.levers, row.seed, row.draws)
        for row in rows.itertuples()
    ]
    stale = (rows["result_id"] != expected).any()
    kept = f"Kept of {one['created_at']:%d %b %y %H:%M}, {one['draws']} draws, seed {one['seed']}"
    if stale:
        st.warning(
            f"{kept}: data, judgement or drivers have changed since, or draws of other data stand beside "
            "them. Draw again."
        )
    else:
        st.caption(f"{kept}. Draw to see the distribution, the regret and what matters most.")
    return rows


def _results(page: Page, rows: pd.DataFrame, found: Found | None, drivers: Drivers) -> None:
    """The sentence, the ranges, the distribution and the tornado of a chosen measure."""
    currency = page.plan.inputs.money.base_currency
    measure = st.segmented_control(
        "Measure",
        [name for name in charts.LABELS if name in MEASURES],
        default="gross_margin",
        required=True,
        format_func=charts.LABELS.__getitem__,
        key="risk_measure",
        label_visibility="collapsed",
    )
    regret = found.outcomes.regret(measure) if found is not None and measure in BETTER else None
    words = charts.risk_words(rows, measure, currency, regret)
    message(words)
    scope = f"whole company, {span_of(page.plan.inputs.calendar, Window.FISCAL_YEAR).words}"
    table = charts.result_table(rows, measure, regret)
    chart(
        charts.range_figure(rows, measure, currency, scope, page.style), "risk_ranges", words, lambda: table
    )
    ranked_table(table, "risk_results")
    st.caption(escaped(_held_words(page, drivers, found, measure)))
    if found is None:
        return
    sides = st.columns(2, gap="medium")
    with sides[0]:
        figure = charts.curve_figure(found.outcomes, measure, scope, page.style)
        chart(figure, "risk_curve", words, lambda: _draw_table(found.outcomes, measure))
    with sides[1]:
        swings = charts.tornado_table(found.tornado, measure)
        figure = charts.tornado_figure(found.tornado, measure, currency, scope, page.style)
        chart(figure, "risk_tornado", figure["layout"]["title"]["text"], lambda: swings)
    st.caption(
        f"The tornado is of '{DO_NOTHING.lower()}'. Regret: what an option brings less than the best of "
        "these options in the same draw."
    )


def _draw_table(outcomes: Outcomes, measure: str) -> pd.DataFrame:
    names = [charts.option_name("" if one.is_baseline else one.name) for one in outcomes.options]
    drawn = {name: values for name, values in zip(names, outcomes.values[measure], strict=True)}
    return pd.DataFrame({"draw": np.arange(1, outcomes.draws + 1), **drawn})


def _held_words(page: Page, drivers: Drivers, found: Found | None, measure: str) -> str:
    """What stays decided, and what it is worth that later choices see the whole draw."""
    labels = page.plan.inputs.calendar.plan_labels
    until = f"What starts until {month(labels[drivers.held - 1])} stays decided; " if drivers.held else ""
    words = f"{until}later choices see the whole draw, better than anybody can."
    if found is None:
        return words
    off = found.foresight[:, MEASURES.index(measure)]
    currency = page.plan.inputs.money.base_currency
    return (
        f"{words} Planned in two steps instead, {len(off)} of the draws of '{DO_NOTHING.lower()}' end "
        f"{charts.gain(measure, float(off.mean()), currency)} on average, at most "
        f"{charts.gain(measure, float(off[np.abs(off).argmax()]), currency)} away."
    )


def _assumed(page: Page, drivers: Drivers) -> None:
    """Every driver with its spread and source, the replay that measures them, and the settings."""
    place = st.expander(
        "What is drawn, how far, and where that is known from", on_change="rerun", key="risk_assumed"
    )
    if not place.open:
        return
    with place:
        ranked_table(charts.assumed_table(drivers, page.plan.inputs), "risk_drivers")
        st.caption(
            "Left out: what demand does when prices move, markets that move apart inside a product, launches "
            "that are out of the plan, and anything in the register that is in the plan or made up."
        )
        if not is_presenting():
            with st.container(horizontal=True):
                if not drivers.cycles and st.button("Replay the past cycles", key="risk_replay"):
                    replay_cycles(page.plan.inputs)
                    st.rerun()
                form_over("Change what is assumed", "risk_settings", lambda: settings_form(page))


def settings_form(page: Page) -> None:
    """The settings of risk, with a reason."""
    inputs = page.plan.inputs
    with st.form("risk_settings_form", border=False):
        given = {}
        for name in RISK_SETTINGS:
            known = SETTINGS[name]
            whole = int if known.whole else float
            given[name] = st.number_input(
                f"{known.meaning[:1].upper()}{known.meaning[1:]}, {known.unit}",
                whole(known.low),
                whole(known.high),
                whole(setting(inputs, name)),
                key=f"form_{name}",
            )
        reason = st.text_input("Reason")
        submit(
            "Change what is assumed",
            "risk_settings",
            "Risk is drawn on the new settings",
            partial(set_settings, session.warehouse(), given, reason=reason),
        )


@st.cache_resource(show_spinner=False, max_entries=4)
def _kept(path: str) -> dict[Hashable, Found]:
    """What was drawn in this process, by its question."""
    return {}


@st.cache_resource(show_spinner=False, max_entries=4)
def _turn(path: str) -> Lock:
    return Lock()


@st.cache_resource(show_spinner=False, max_entries=4)
def _stored(path: str, revision: int, cycle: str) -> pd.DataFrame:
    return read_results(session.warehouse(), cycle)


@st.cache_resource(show_spinner="Reading what past cycles teach", max_entries=2)
def _drivers(
    path: str, key: str, revision: int, replayed: bool, _baseline: Plan, _replays: Replays | None
) -> tuple[Drivers, Calibration]:
    warehouse, inputs = session.warehouse(), _baseline.inputs
    past = past_of(warehouse, inputs, _replays) if _replays is not None else None
    items = risk_items(warehouse)
    drivers = find_drivers(_baseline, past, items, warehouse.read("SELECT * FROM pipeline_history"))
    record = read_record(inputs, past)
    columns = ["made_in", "span", "periods", "p10", "p50", "p90", "actual", "inside"]
    found = calibrate(inputs, record) if record else Calibration(pd.DataFrame(columns=columns))
    return drivers, with_closed(found, items)
