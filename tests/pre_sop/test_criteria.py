import pandas as pd

from sop_engine.pre_sop.criteria import Criterion, criterion


def test_a_criterion_is_met_while_nothing_stands_against_it() -> None:
    assert criterion("All is signed", (), "all of it", "cycle") == Criterion(
        "All is signed", True, "all of it", "cycle"
    )


def test_what_stands_against_it_is_named_and_the_rest_counted() -> None:
    three = criterion("All is signed", ["a", "b", "c"], "all of it", section="Walk")
    assert (three.met, three.found, three.section) == (False, "a; b; c", "Walk")
    five = criterion("All is signed", pd.Series(["a", "b", "c", "d", "e"]), "all of it")
    assert five.found == "a; b; c and 2 more"
