"""A signature holds until the data or an earlier review changes."""

from datetime import date, datetime

import pandas as pd

from sop_engine.executive_sop.decisions import STAGES
from sop_engine.executive_sop.progress import current, stage_states
from sop_engine.scenario import BASELINE, Lever, LeverKind, Scenario

TODAY = date(2014, 1, 10)
MORE = Scenario((Lever(LeverKind.DEMAND, 5),))
CHEAPER = Scenario((Lever(LeverKind.DEMAND, 5), Lever(LeverKind.UNIT_COST, -2)))


def stages(*signed: str) -> pd.DataFrame:
    rows = [
        (stage, "Ann", "signed" if stage in signed else "open", pd.Timestamp("2014-01-13"))
        for stage in STAGES
    ]
    return pd.DataFrame(rows, columns=["stage", "owner", "status", "due"])


def signatures(
    *rows: tuple[str, int, str, Scenario], names: tuple[tuple[str, str], ...] = ()
) -> pd.DataFrame:
    """(stage, hour, data version, scenario) each; names: (its name, the consensus it names) each."""
    records = [
        (s, "Ann", datetime(2014, 1, 9, hour), version, scenario.to_json(), *named)
        for (s, hour, version, scenario), named in zip(rows, names or [("", "")] * len(rows), strict=True)
    ]
    columns = ["stage", "signed_by", "signed_at", "data_version", "levers", "name", "rests_on"]
    return pd.DataFrame(records, columns=columns)


def test_an_unsigned_review_waits_for_those_before_it() -> None:
    states = stage_states(stages("product"), signatures(("product", 9, "v", BASELINE)), "v", TODAY)
    assert states[0].holds and states[1].waits_for == () and states[2].waits_for == ("Demand review",)
    assert current(states).stage == "demand" and states[1].days_left == 3


def test_new_data_makes_a_signature_stale() -> None:
    states = stage_states(stages("product"), signatures(("product", 9, "old", BASELINE)), "new", TODAY)
    assert "changed since" in states[0].stale and not states[0].holds
    assert states[1].waits_for == ("Product review",)


def test_an_override_leaves_the_product_review_as_it_was_signed() -> None:
    rows = signatures(("product", 9, "data-none", BASELINE), ("demand", 10, "data-none", BASELINE))
    judged = stage_states(stages("product", "demand"), rows, "data-one", TODAY)
    assert judged[0].holds
    assert judged[1].stale == "overrides, locks or accepted requests changed since"
    loaded = stage_states(stages("product", "demand"), rows, "other-none", TODAY)
    assert loaded[0].stale == loaded[1].stale == "data or the approved plan changed since"


def test_an_earlier_review_signed_later_makes_it_stale() -> None:
    rows = signatures(("demand", 9, "v", MORE), ("supply", 10, "v", MORE), ("demand", 11, "v", MORE))
    states = stage_states(stages("demand", "supply"), rows, "v", TODAY)
    assert states[2].stale == "Demand review was signed again after it"


def test_supply_must_be_signed_on_the_demand_that_was_agreed() -> None:
    rows = signatures(("demand", 9, "v", MORE), ("supply", 10, "v", BASELINE))
    assert (
        stage_states(stages("demand", "supply"), rows, "v", TODAY)[2].stale
        == "Demand review was signed with other levers"
    )


def test_a_newer_consensus_makes_what_rests_on_the_older_stale() -> None:
    rows = signatures(
        ("demand", 9, "v", MORE),
        ("supply", 10, "v", MORE),
        ("demand", 11, "v", MORE),
        ("finance", 12, "v", MORE),
        names=(("v1", ""), ("", "v1"), ("v2", ""), ("", "v2")),
    )
    states = stage_states(stages("demand", "supply", "finance"), rows, "v", TODAY)
    assert [state.rests_on for state in states[1:4]] == ["", "v1", "v2"]
    assert states[2].stale == "it rests on v1; v2 was signed since"
    assert states[1].holds and states[3].holds


def test_what_is_signed_on_a_stale_consensus_is_stale() -> None:
    rows = signatures(
        ("demand", 9, "data-one", BASELINE),
        ("supply", 11, "data-two", BASELINE),
        names=(("C1", ""), ("", "C1")),
    )
    states = stage_states(stages("demand", "supply"), rows, "data-two", TODAY)
    assert states[1].stale == "overrides, locks or accepted requests changed since"
    assert states[2].stale == f"C1, which it rests on, is stale: {states[1].stale}"


def test_a_consensus_taken_up_again_holds_nothing() -> None:
    rows = signatures(("demand", 9, "v", MORE), ("supply", 10, "v", MORE), names=(("v1", ""), ("", "v1")))
    reopened = stage_states(stages("supply"), rows, "v", TODAY)
    assert reopened[2].stale == "v1, which it rests on, was reopened"
    assert stage_states(stages("demand", "supply"), rows, "v", TODAY)[2].holds
    assert "changed since" in stage_states(stages("demand", "supply"), rows, "new", TODAY)[2].stale


def test_a_lever_of_a_later_review_makes_nothing_stale() -> None:
    rows = signatures(("demand", 9, "v", MORE), ("supply", 10, "v", MORE), ("finance", 11, "v", CHEAPER))
    states = stage_states(stages("demand", "supply", "finance"), rows, "v", TODAY)
    assert all(states[at].holds for at in (1, 2, 3))


def test_all_signed_leaves_nobody_next() -> None:
    rows = signatures(*((stage, 9, "v", BASELINE) for stage in STAGES))
    assert current(stage_states(stages(*STAGES), rows, "v", TODAY)) is None


def test_no_due_date_has_no_days_left() -> None:
    undated = stages().assign(due=pd.NaT)
    assert stage_states(undated, signatures(), "v", TODAY)[0].days_left is None


def test_finance_that_works_throughout_the_month_is_no_gate() -> None:
    rows = signatures(
        ("product", 9, "v", BASELINE),
        ("demand", 10, "v", BASELINE),
        ("supply", 11, "v", BASELINE),
        ("pre_sop", 12, "v", BASELINE),
        ("finance", 13, "v", BASELINE),
    )
    signed = stages("product", "demand", "supply", "pre_sop")
    stage = stage_states(signed, rows, "v", TODAY, "both")
    always = stage_states(signed, rows, "v", TODAY, "continuous")
    assert current(stage).stage == "finance" and stage[5].waits_for == ("Finance review",)
    assert current(always).stage == "executive" and always[5].waits_for == ()
    assert [state.stage for state in always if not state.gate] == ["finance"]
    after = stages("product", "demand", "supply", "finance", "pre_sop")
    assert "signed again" in stage_states(after, rows, "v", TODAY, "stage")[4].stale
    assert stage_states(after, rows, "v", TODAY, "continuous")[4].holds


def test_a_stale_signature_names_what_moved_it() -> None:
    rows = signatures(("product", 9, "data-none", BASELINE), ("demand", 10, "data-none", BASELINE))
    moved = pd.DataFrame(
        [
            (datetime(2014, 1, 9, 8), "Eve", "price loaded", False),
            (datetime(2014, 1, 9, 10, 12), "Ann", "override 2014-01-O3", True),
            (datetime(2014, 1, 9, 11, 40), "Bob", "sales_history loaded", False),
        ],
        columns=["at", "who", "what", "judged"],
    )

    def stale(version: str) -> list[str]:
        states = stage_states(stages("product", "demand"), rows, version, TODAY, moved=moved)
        return [state.stale for state in states[:2]]

    judged, loaded = "override 2014-01-O3 by Ann at 10:12", "sales_history loaded by Bob at 11:40"
    assert stale("data-none") == ["", ""]
    assert stale("data-one") == ["", f"changed since: {judged}"]
    assert stale("other-none") == [f"changed since: {loaded}"] * 2
    assert stale("other-one") == [f"changed since: {loaded}", f"changed since: {loaded}; {judged}"]


def test_a_signature_given_despite_something_says_so() -> None:
    rows = signatures(("product", 9, "v", BASELINE), ("demand", 10, "v", BASELINE))
    rows["note"] = ["All seen; signed despite Its tasks are done: 5 open. Because: nothing new", "All seen"]
    states = stage_states(stages("product", "demand"), rows, "v", TODAY)
    assert states[0].despite == "signed despite Its tasks are done: 5 open. Because: nothing new"
    assert states[1].despite == ""
