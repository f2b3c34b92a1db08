"""Rolling the month forward: nothing open is lost, and what was kept stays as it was."""

from datetime import date, datetime

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from sop_engine.executive_sop.my_things import my_things
from sop_engine.executive_sop.templates import template_of
from sop_engine.executive_sop.working_days import due_dates
from sop_engine.records.decisions import Option, defer_decision, raise_decision
from sop_engine.records.notes import add_note
from sop_engine.records.process import close_cycle, open_cycle, reopen_stage, sign_stage
from sop_engine.records.readers import of_cycle, snapshot_cells
from sop_engine.records.snapshot import content_hash
from sop_engine.warehouse import open_warehouse
from tests.plans import made_up_plan, small_inputs

BY = {"who": "Ann", "at": datetime(2014, 1, 6, 9)}
CYCLES = ("2013-11", "2013-12", "2014-01")
OPEN = {"decision": ("open", "deferred", "escalated"), "request": ("open",), "note": ("open",)}
OPEN |= {"assumption": ("open",)}
SETTLED = {"decision": "decided", "request": "accepted", "note": "done", "assumption": "retired"}
KEYS = {"decision": "question", "request": "title", "note": "text", "assumption": "text"}
records = st.lists(
    st.sampled_from(sorted(OPEN)).flatmap(
        lambda table: st.tuples(
            st.just(table), st.sampled_from(CYCLES), st.sampled_from((*OPEN[table], SETTLED[table]))
        )
    ),
    max_size=25,
)


def tables(drawn: list[tuple[str, str, str]]) -> dict[str, pd.DataFrame]:
    """Rows of the process tables; a record's id is its place in the list."""
    columns = ["id", "cycle", "status", "owner", "due", "created_at", "sample"]
    found = {}
    for table, text in KEYS.items():
        mine = [
            (f"{at}", cycle, status, "Ann", pd.NaT, pd.Timestamp("2014-01-01"), False)
            for at, (name, cycle, status) in enumerate(drawn)
            if name == table
        ]
        rows = pd.DataFrame(mine, columns=columns)
        rows = rows.assign(**{text: "x", f"{table}_id": rows["id"], "decide_by": rows["due"]})
        found[table] = rows.assign(kind="action", stage="demand", to_stage="demand", escalated_to="")
    return found


@given(records)
def test_everything_open_stands_in_the_next_cycle(drawn: list[tuple[str, str, str]]) -> None:
    things = my_things(tables(drawn), "2014-02", [*CYCLES, "2014-02"], date(2014, 2, 3), {})
    expected = {str(at) for at, (table, _, status) in enumerate(drawn) if status in OPEN[table]}
    assert {one.key for one in things} == expected and len(things) == len(expected)
    for one in things:
        assert one.carried == len(CYCLES) - CYCLES.index(one.cycle)


@settings(max_examples=5, deadline=None)
@given(st.integers(0, 99), st.permutations(["product", "demand", "supply"]))
def test_a_kept_plan_never_changes(seed: int, order: list[str]) -> None:
    warehouse = open_warehouse(":memory:")
    open_cycle(warehouse, "2014-01", **BY, due=due_dates(date(2014, 1, 6)))
    kept = {}

    def keep(plan_seed: int, stage: str, again: str = "") -> None:
        plan = made_up_plan(small_inputs(), seed=plan_seed)
        name = sign_stage(warehouse, plan, stage, again=again, **BY)
        kept[name] = snapshot_cells(warehouse, name)

    for at, stage in enumerate(order):
        keep(seed + at, stage)
    reopen_stage(warehouse, "2014-01", order[0], reason="again", **BY)
    keep(seed + 10, order[0])
    keep(seed + 11, order[1], again="changed")
    decision = raise_decision(warehouse, cycle="2014-01", question="Build?", options=[Option("Yes")], **BY)
    defer_decision(warehouse, decision, reason="later", **BY)
    note = add_note(warehouse, cycle="2014-01", stage="demand", kind="action", text="Call", **BY)
    close_cycle(warehouse, "2014-01", unpublished="holidays", **BY)
    last = of_cycle(warehouse, "cycle").iloc[-1]
    made = template_of(last, of_cycle(warehouse, "stage"), of_cycle(warehouse, "task"), ())
    open_cycle(warehouse, "2014-02", **BY, owners=made.owners, tasks=made.tasks)
    for name, cells in kept.items():
        pd.testing.assert_frame_equal(snapshot_cells(warehouse, name), cells)
    hashes = of_cycle(warehouse, "plan_snapshot").set_index("snapshot_id")["content_hash"]
    assert {name: content_hash(cells) for name, cells in kept.items()} == hashes.to_dict()
    names = ("decision", "note")
    things = my_things(
        {name: of_cycle(warehouse, name) for name in names},
        "2014-02",
        ["2014-01", "2014-02"],
        date(2014, 2, 3),
        {},
    )
    assert {one.key for one in things} == {decision, note} and {one.carried for one in things} == {1}
    warehouse.close()
