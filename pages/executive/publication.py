"""The road of the plan: candidate, approved, published, handed over; what stands against each step, and the
close of the cycle."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from pages.executive.candidates import candidate_form
from pages.frame import session
from pages.frame.page import Page, chart, may_record, ranked_table
from pages.frame.perform import form_over, step_form, submit
from pages.frame.progress import reviews
from pages.frame.scenario_menu import lever_words
from pages.frame.strip import escaped
from sop_engine.charts import executive_publication as charts
from sop_engine.charts.numbers import full, month, signed
from sop_engine.errors import RecordError
from sop_engine.executive_sop.decisions import is_waiting
from sop_engine.executive_sop.scorecard import Verdict, compare
from sop_engine.executive_sop.window import Window
from sop_engine.exports.hand_over import HandOver, archive, hand_over
from sop_engine.pre_sop.consistency import consistency_checks
from sop_engine.records import approve_plan, close_cycle, publish_plan, read_scenario, take_back_approval
from sop_engine.records.versions import APPROVED, CANDIDATE, PUBLISHED, signed_on
from sop_engine.scenario import BASELINE, misfits

STEPS = {
    CANDIDATE: ("1 Candidate", "proposed"),
    APPROVED: ("2 Approved", "approved"),
    PUBLISHED: ("3 Published", "published"),
}
LINES_SHOWN = 200


def show(page: Page) -> None:
    """Where the plan stands on its road, the next step, and what was handed over."""
    cycle = page.plan.inputs.cycle
    versions = session.recorded("plan_version", cycle)
    open_now = may_record(cycle)
    columns = st.columns(4, gap="small")
    for column, (status, draw) in zip(
        columns[:3],
        {CANDIDATE: _candidates, APPROVED: _approval, PUBLISHED: _publication}.items(),
        strict=True,
    ):
        with column.container(border=True, height="stretch"):
            _heading(STEPS[status][0], _reached(versions, status))
            draw(page, versions, open_now)
    published = versions[versions["status"] == PUBLISHED].sort_values("published_at")
    with columns[3].container(border=True, height="stretch"):
        _heading("4 Handed over", not published.empty)
        if published.empty:
            st.caption(
                "Publishing writes what execution needs: demand, production, purchases, transfers, targets."
            )
        else:
            _download(_handed_over(published.iloc[-1]))
    if not published.empty:
        _changes(page, _handed_over(published.iloc[-1]))
    _versions()
    if open_now:
        form_over("Close the cycle", "close", lambda: _close_form(cycle))


def _heading(words: str, reached: bool) -> None:
    icon, color = (
        (":material/check_circle:", "green") if reached else (":material/radio_button_unchecked:", "gray")
    )
    st.markdown(f"**{words}** :{color}[{icon}]")


def _reached(versions: pd.DataFrame, status: str) -> bool:
    """Whether some version of the cycle has come so far."""
    order = list(STEPS)
    return bool(versions["status"].map(order.index).ge(order.index(status)).any())


def _candidates(page: Page, versions: pd.DataFrame, open_now: bool) -> None:
    """The candidates, and the form that makes one."""
    _told(versions, CANDIDATE, page.plan.inputs.version)
    if versions.empty:
        st.caption("No plan is a candidate yet.")
    if open_now:
        form_over("Make a candidate", "candidate", lambda: candidate_form(page.plan))


def _approval(page: Page, versions: pd.DataFrame, open_now: bool) -> None:
    """The approved version, or the form that approves a candidate, or what stands against it."""
    waiting, approved = (versions[versions["status"] == status] for status in (CANDIDATE, APPROVED))
    _told(versions, APPROVED, page.plan.inputs.version)
    if not approved.empty:
        version_id = str(approved["version_id"].iloc[0])
        if open_now:
            back = partial(take_back_approval, session.warehouse(), version_id)
            body = partial(step_form, "Take it back", "take_back", "The approval is taken back", back)
            form_over("Take the approval back", "take_back_approval", body)
    elif waiting.empty:
        done = (versions["status"] == PUBLISHED).any()
        st.caption("To change the published plan, make another candidate." if done else "Needs a candidate.")
    elif open_now:
        form_over("Approve one", "approve", lambda: _approve_form(waiting))


def _approve_form(waiting: pd.DataFrame) -> None:
    names = dict(zip(waiting["version_id"], waiting["name"], strict=True))
    with st.form("approve_form", border=False):
        chosen = st.radio(
            "The meeting approves",
            list(names),
            index=None,
            format_func=names.__getitem__,
            captions=[_stake(version) for _, version in waiting.iterrows()],
            key="approved_version",
        )
        note = st.text_input("Remark", key="approve_note")
        submit(
            "Approve", "approve", "The plan is approved", partial(_approve, chosen, note=note), primary=True
        )


def _stake(version: pd.Series) -> str:
    """What a candidate moves and what the fiscal year comes to with it, as it is solved today."""
    scenario = (
        read_scenario(session.warehouse(), version["scenario_id"]) if version["scenario_id"] else BASELINE
    )
    if misfits(scenario, session.inputs()):
        return "It names what is no longer loaded."
    before, after = (
        session.card_of(session.plan_for(one), Window.FISCAL_YEAR) for one in (BASELINE, scenario)
    )
    moved = [
        f"{delta.figure.label.lower()} {signed(delta.delta)}"
        for delta in compare(after, before)
        if delta.figure.unit == "money" and delta.verdict is not Verdict.NOTHING
    ]
    against = (
        f"fiscal year against do-nothing, {after.currency}: {', '.join(moved)}" if moved else "no change"
    )
    return escaped(lever_words(f"{scenario.in_words()}; {against}"))


def _approve(version_id: str | None, **by: object) -> None:
    if not version_id:
        raise RecordError("No candidate is chosen. Choose the one that the meeting approves.")
    approve_plan(session.warehouse(), version_id, **by)


def _publication(page: Page, versions: pd.DataFrame, open_now: bool) -> None:
    """What was published, and the form that publishes the approved version once nothing stands against it."""
    _told(versions, PUBLISHED, page.plan.inputs.version)
    approved = versions[versions["status"] == APPROVED]
    if approved.empty:
        if not (versions["status"] == PUBLISHED).any():
            st.caption("Needs an approved plan.")
        return
    version = approved.iloc[0]
    blocking, against = _not_signed_on(version), _against(page)
    if blocking:
        st.warning(escaped(f"{blocking}."))
        _offer_scenario(version)
    elif against:
        st.warning("Against it: " + escaped("; ".join(against)) + ".")
    else:
        st.success("All reviews are signed on today's data, and every check holds.")
    if open_now and not blocking:
        form_over("Publish", "publish", lambda: _publish_form(page, version, against))


def _publish_form(page: Page, version: pd.Series, against: list[str]) -> None:
    """Makes the approved version the official plan; only for whoever ticks that it is meant."""
    inputs = page.plan.inputs
    first_day = inputs.calendar.starts[inputs.calendar.now].astype("datetime64[D]").item()
    st.markdown(
        escaped(
            f"'{version['name']}' becomes the official plan of {month(inputs.cycle)} and is frozen: nothing "
        )
        + "of it can be changed afterwards."
    )
    with st.form("publish_form", border=False):
        effective = st.date_input("Official from", value=first_day, key="publish_from")
        note = st.text_input("Remark", key="publish_note")
        despite = ""
        if against:
            st.markdown("\n".join(f"- {escaped(text)}" for text in against))
            despite = st.text_input("Reason to publish despite that", key="publish_despite")
        meant = st.checkbox("Yes, publish this plan for everybody", key="publish_meant")
        values = {"effective_from": effective, "note": note, "despite": despite, "version": inputs.version}
        published = partial(_publish, str(version["version_id"]), meant, values)
        submit("Publish", "publish", "The plan is published", published, primary=True)


def _publish(version_id: str, meant: bool, values: dict[str, object], **by: object) -> None:
    if not meant:
        raise RecordError("Nothing was published. Tick that it is meant, then publish.")
    publish_plan(session.warehouse(), version_id, **values, **by)


def _not_signed_on(version: pd.Series) -> str:
    """Why the executive signature does not carry a version, "" where it does."""
    cycle = str(version["cycle"])
    kept = session.recorded("plan_snapshot", cycle)[["snapshot_id", "content_hash", "levers"]]
    stages = session.recorded("stage", cycle).set_index("stage")["status"]
    signed = session.recorded("sign_off", cycle).merge(kept, on="snapshot_id")
    signed = signed[signed["stage"] == "executive"].tail(1)
    stands = stages.get("executive") == "signed" and not signed.empty
    own = version.to_frame().T.merge(kept, on="snapshot_id").iloc[0]
    return signed_on(signed.iloc[0] if stands else None, own)


def _offer_scenario(version: pd.Series) -> None:
    """The way to sign: the approved plan becomes the working scenario, which is what is signed."""
    scenario_id = str(version["scenario_id"])
    scenario = read_scenario(session.warehouse(), scenario_id) if scenario_id else BASELINE
    if session.working() != scenario:
        st.button(
            "Work on it, to sign it", key="work_on_approved", on_click=session.work_on, args=(scenario,)
        )
    else:
        st.caption("It is the working scenario: sign the executive review at the foot of this page.")


def _against(page: Page) -> list[str]:
    """Checks that fail and reviews that do not hold."""
    states = reviews(page.plan.inputs)
    return [
        *[f"{check.name} fails" for check in consistency_checks(page.plan) if not check.passed],
        *[
            f"{state.name}: {state.stale or 'not signed'}"
            for state in states
            if state.gate and not state.holds
        ],
    ]


def _told(versions: pd.DataFrame, status: str, version: str) -> None:
    """The versions that stand so, who made them so and when; what is on older data is marked."""
    verb = STEPS[status][1]
    newest = versions["published_at"].max()
    for row in versions[versions["status"] == status].itertuples():
        who, at = getattr(row, f"{verb}_by"), getattr(row, f"{verb}_at")
        older = "" if row.data_version == version or status == PUBLISHED else ", on older data"
        official = f", official from {row.effective_from:%d %b %y}" if status == PUBLISHED else ""
        official += ", replaced since" if status == PUBLISHED and row.published_at < newest else ""
        st.markdown(f"**{escaped(row.name)}**")
        st.caption(escaped(f"{verb} by {who}, {at:%d %b %y %H:%M}{official}{older}"))


def _download(handed: HandOver) -> None:
    rows = ", ".join(
        f"{charts.SUBJECTS[name].lower()} {full(len(table))}" for name, table in handed.tables.items()
    )
    st.caption(
        f"Five lists (lines: {rows}), their changes, what each column means, and a manifest. Units are as "
        "planned, fractions included: execution rounds them to its lots. Production and purchases hold parts "
        "and what is made of them, so their value is no revenue."
    )
    st.download_button(
        "Download",
        data=lambda: archive(handed),
        file_name=f"{handed.name}.zip",
        mime="application/zip",
        key="hand_over",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )


def _changes(page: Page, handed: HandOver) -> None:
    """What the publication changes for execution: the largest lines, the counts, the lines in words."""
    frame = handed.changes.frame
    st.markdown(f"**{escaped(handed.changes.words)}**")
    if frame.empty:
        return
    figure = charts.largest_changes(frame, handed.changes.since, handed.currency, page.style)
    chart(
        figure,
        "publication_changes",
        charts.changes_words(frame, handed.currency),
        lambda: charts.by_subject(frame),
    )
    shown = charts.changes_table(frame.head(LINES_SHOWN))
    ranked_table(shown, "publication_lines")
    if len(frame) > len(shown):
        st.caption(f"The {len(shown)} largest of {full(len(frame))} lines; the download holds all.")


def _versions() -> None:
    """Versions of all cycles, newest first."""
    versions = session.recorded("plan_version")
    if versions.empty:
        return
    columns = ["version_id", "cycle", "name", "status", "proposed_by", "approved_by", "published_by"]
    kept = session.recorded("plan_snapshot")[["snapshot_id", "levers"]]
    shown = versions.merge(kept, on="snapshot_id", how="left")[[*columns, "effective_from", "note"]].iloc[
        ::-1
    ]
    with st.expander("All versions"):
        ranked_table(shown.rename(columns=lambda name: name.replace("_", " ")), "plan_versions")


def _close_form(cycle: str) -> None:
    """Ends the month: what it recorded stays as it is."""
    with st.form("close_form", border=False):
        st.markdown("The cycle is closed for ever, once its plan is published.")
        if waiting := _left_open(cycle):
            st.warning(f"Still open, and carried into the next cycle: {waiting}.")
        meant = st.checkbox("Yes, close this cycle for everybody, for ever", key="close_meant")
        done = f"The {month(cycle)} cycle is closed"
        submit("Close it", "close", done, partial(_close, cycle, meant))


def _left_open(cycle: str) -> str:
    """What a closed cycle would leave undone: tasks, decisions that wait, candidates that nobody approved."""
    tasks, decisions = session.recorded("task", cycle), session.recorded("decision", cycle)
    versions = session.recorded("plan_version", cycle)
    counts = {
        "task": int((tasks["status"] == "open").sum()),
        "decision": int(decisions["status"].map(is_waiting).astype(bool).sum()),
        "candidate": int((versions["status"] == CANDIDATE).sum()),
    }
    return ", ".join(f"{count} {name}{'s' * (count > 1)}" for name, count in counts.items() if count)


def _close(cycle: str, meant: bool, **by: object) -> None:
    if not meant:
        raise RecordError("Nothing was closed. Tick that it is meant, then close.")
    close_cycle(session.warehouse(), cycle, **by)


def _handed_over(version: pd.Series) -> HandOver:
    return _kept_hand_over(session.warehouse_path(), str(version["version_id"]), str(version["published_at"]))


@st.cache_resource(show_spinner="Reading the published plan", max_entries=2)
def _kept_hand_over(path: str, version_id: str, published_at: str) -> HandOver:
    return hand_over(session.warehouse(), version_id)
