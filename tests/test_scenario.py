import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop_engine.errors import ScenarioError
from sop_engine.scenario import BASELINE, LEVERS, Lever, LeverKind, Scenario, misfits
from tests.plans import small_inputs

LABELS = st.sampled_from(["", "Road Bikes", "Final Assembly", "EUR"])


@st.composite
def levers(draw: st.DrawFn) -> Lever:
    kind = draw(st.sampled_from(list(LEVERS)))
    spec = LEVERS[kind]
    value = draw(st.floats(spec.low, spec.high, allow_nan=False))
    return Lever(
        kind, value, target=draw(LABELS), market=draw(LABELS), first=draw(st.sampled_from(["", "2014-03"]))
    )


@given(st.lists(levers(), max_size=6))
def test_json_round_trip_gives_an_equal_scenario(chosen: list[Lever]) -> None:
    scenario = Scenario(tuple(chosen), name="Peak")
    back = Scenario.from_json(scenario.to_json())
    assert back == scenario and hash(back) == hash(scenario) and back.name == "Peak"


@given(st.lists(levers(), max_size=6, unique_by=lambda lever: lever.scope), st.randoms())
def test_the_order_of_levers_does_not_matter(chosen: list[Lever], random) -> None:
    shuffled = random.sample(chosen, len(chosen))
    assert Scenario(tuple(chosen)) == Scenario(tuple(shuffled))


@given(levers())
def test_a_lever_put_in_and_taken_out_leaves_the_baseline(lever: Lever) -> None:
    changed = BASELINE.with_lever(lever)
    assert changed.is_baseline == lever.is_neutral
    assert all(changed.without(kept).is_baseline for kept in changed.levers)


def test_the_last_lever_of_a_scope_wins() -> None:
    scenario = BASELINE.with_lever(Lever(LeverKind.DEMAND, 5)).with_lever(Lever(LeverKind.DEMAND, 10))
    assert scenario.levers == (Lever(LeverKind.DEMAND, 10),)


@pytest.mark.parametrize(
    ("lever", "words"),
    [
        (
            Lever("demand", 10, target="Road Bikes", first="2014-01", last="2014-03"),
            "Demand of Road Bikes +10 %, 2014-01 to 2014-03",
        ),
        (Lever("exchange_rate", -5, target="EUR"), "Exchange rate of EUR 5 % weaker"),
        (Lever("launch_in", 0, target="P-1"), "Launch in the plan of P-1 out"),
        (Lever("extra_shift", 1, target="Paint", first="2014-03"), "Extra shift of Paint, from 2014-03"),
        (Lever("saturdays", 1, target="Paint"), "Saturdays of Paint"),
        (Lever("line_down", 1, target="Paint"), "Line down of Paint 1 week"),
        (Lever("supplier_lead_time", 5, target="Acme"), "Supplier lead time of Acme +5 days"),
        (Lever("overtime", 20, target="Paint"), "Overtime limit of Paint 20 % of hours"),
    ],
)
def test_levers_say_in_words_what_they_do(lever: Lever, words: str) -> None:
    assert lever.in_words() == words


@pytest.mark.parametrize("value", [-31, 31])
def test_a_value_out_of_bounds_is_refused_with_the_bounds(value: float) -> None:
    with pytest.raises(ScenarioError, match="outside -30 to 30"):
        Lever("demand", value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"levers":[{"kind":"magic","value":1}]}',
        '{"levers":[{"speed":1}]}',
        '{"levers":[{"kind":"demand","value":1,"target":7}]}',
        '{"levers":[{"kind":"demand","value":1,"spend":-7}]}',
    ],
)
def test_what_is_no_scenario_is_refused(text: str) -> None:
    with pytest.raises(ScenarioError):
        Scenario.from_json(text)


@pytest.mark.parametrize(
    ("lever", "fits"),
    [
        (Lever("demand", 5), True),
        (Lever("demand", 5, target="Unicorns"), False),
        (Lever("price", 5, market="Atlantis"), False),
        (Lever("line_down", 1, target="Unicorns"), False),
        (Lever("supplier_limit", 5, target="Unicorns"), False),
        (Lever("launch_in", 0, target="Unicorns"), False),
        (Lever("exchange_rate", 5, target="XXX"), False),
    ],
)
def test_a_lever_fits_when_the_data_holds_what_it_names(lever: Lever, fits: bool) -> None:
    inputs = small_inputs()
    assert misfits(Scenario((lever,)), inputs) == (() if fits else (lever,))


def test_every_label_of_the_data_fits() -> None:
    inputs = small_inputs()
    products, markets, network = inputs.products, inputs.markets, inputs.network
    groups = {*products.labels, *products.family, *products.category}
    places = {*markets.labels, *markets.region, *markets.channel}
    vendors = np.array(network.sites.labels)[network.sites.kind == "supplier"]
    foreign = set(markets.currency) - {inputs.money.base_currency}
    levers = [Lever("demand", 5, target=group, market=place) for group in groups for place in places]
    levers += [Lever("overtime", 5, target=resource) for resource in network.resources.labels]
    levers += [Lever("supplier_lead_time", 5, target=str(site)) for site in vendors]
    levers += [Lever("exchange_rate", 5, target=currency) for currency in foreign]
    assert levers and not misfits(Scenario(tuple(levers)), inputs)
