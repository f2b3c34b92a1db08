"""How long people wait for a lever on the sample company: engine, strip and charts, and in place against from
scratch.

python benchmarks/slider.py [--moves 30] [--no-browser] [--no-scratch]

Times are wall seconds of this machine, to be read as ratios: in place against stating the model in PuLP and
solving it with CBC.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import pulp  # noqa: E402
from playwright.sync_api import Page  # noqa: E402

from sop_engine.demand_review.consensus import plan_demand  # noqa: E402
from sop_engine.inputs import Inputs, read_inputs  # noqa: E402
from sop_engine.plan import plan  # noqa: E402
from sop_engine.product_review.portfolio import plan_portfolio  # noqa: E402
from sop_engine.refresh import refresh  # noqa: E402
from sop_engine.sample import load_sample  # noqa: E402
from sop_engine.scenario import Lever, LeverKind, Scenario  # noqa: E402
from sop_engine.supply_review.model import SupplyModel, compile_model  # noqa: E402
from sop_engine.supply_review.statement import state  # noqa: E402
from sop_engine.warehouse import open_warehouse  # noqa: E402

LOADED_AT = datetime(2014, 1, 2)
LOCAL: dict[str, Callable[[int], Lever]] = {
    "family demand": lambda k: Lever(LeverKind.DEMAND, 1 + k, target="Road Bikes"),
    "family demand, 3 months": lambda k: Lever(
        LeverKind.DEMAND, 1 + k, target="Mountain Bikes", first="2014-10", last="2014-12"
    ),
    "family price": lambda k: Lever(LeverKind.PRICE, (1 + k) / 2, target="Touring Bikes"),
    "resource, overtime": lambda k: Lever(LeverKind.OVERTIME, k, target="Frame Welding"),
    "resource, capacity": lambda k: Lever(
        LeverKind.CAPACITY, -1 - k, target="Final Assembly", first="2014-10", last="2014-12"
    ),
    "supplier lead time": lambda k: Lever(
        LeverKind.SUPPLIER_LEAD_TIME, 5 * (k % 18 + 1), target="Comfort Road Bicycles"
    ),
    "family service level": lambda k: Lever(LeverKind.SERVICE_LEVEL, 80 + k / 2, target="Road Bikes"),
    "launch slip": lambda k: Lever(LeverKind.LAUNCH_SLIP, k % 6 + 1, target="Mountain-250"),
}
REVIEWS = {  # page, what the lever is set to, the lever's label
    "launch slip, product page": ("product_review", "Project", "Touring-2000 Yellow", "Launch slip"),
    "unit cost, finance page": ("finance_review", "Product group", "Road Bikes", "Unit cost"),
    "exchange rate, finance page": ("finance_review", "Currency", "EUR", "Exchange rate"),
}
TURN = 5  # moves to one side before a lever goes back
OVERRIDDEN = ("Road Bikes", "Mountain Bikes", "Touring Bikes")
COMPANY: dict[str, Callable[[int], Lever]] = {
    "all demand": lambda k: Lever(LeverKind.DEMAND, 1 + k),
    "all capacity": lambda k: Lever(LeverKind.CAPACITY, -1 - k),
    "freight": lambda k: Lever(LeverKind.FREIGHT, 1 + k),
    "unit cost": lambda k: Lever(LeverKind.UNIT_COST, 1 + k % 20),
    "exchange rate": lambda k: Lever(LeverKind.EXCHANGE_RATE, -1 - k % 20, target="EUR"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--moves", type=int, default=30)
    parser.add_argument("--no-browser", action="store_true", help="engine only")
    parser.add_argument("--no-scratch", action="store_true", help="without the solves from scratch")
    arguments = parser.parse_args()
    with TemporaryDirectory() as scratch:
        file = Path(scratch) / "sop.duckdb"
        inputs = sample_company(file)
        began = time.perf_counter()
        model = compile_model(inputs)
        seconds, layout = time.perf_counter() - began, model.layout
        print(f"baseline: stated, compiled and solved in {seconds:.2f} s")
        print(f"model: {layout.rows:,} rows, {layout.columns:,} columns\n")
        in_place = engine_times(inputs, model, arguments.moves)
        if not arguments.no_scratch:
            from_scratch(inputs, model, in_place)
        if not arguments.no_browser:
            browser_times(file, arguments.moves)


def sample_company(file: Path) -> Inputs:
    """The sample company loaded into `file`, its baseline fitted."""
    warehouse = open_warehouse(file)
    load_sample(warehouse, who="benchmark", at=LOADED_AT)
    refresh(warehouse, who="benchmark", at=LOADED_AT)
    inputs = read_inputs(warehouse)
    warehouse.close()
    return inputs


def engine_times(inputs: Inputs, model: SupplyModel, moves: int) -> dict[str, float]:
    """Prints p50 and p95 of plan() for each lever; returns the p50 of the supply solve alone."""
    print(f"{'engine, ms':<28}{'p50':>8}{'p95':>8}   of which the solve, p50")
    medians, solves, local = {}, {}, []
    for group, levers in (("local", LOCAL), ("company", COMPANY)):
        for name, make in levers.items():
            scenarios = [Scenario((make(k),)) for k in range(moves)]
            times = [timed(lambda s=s: plan(inputs, s, model)) for s in scenarios]
            solves[name] = statistics.median(list(solve_times(inputs, model, scenarios[:7])))
            medians[name] = statistics.median(times)
            local += times if group == "local" else []
            print(f"{name:<28}{1e3 * medians[name]:>8.0f}{1e3 * p95(times):>8.0f}   {1e3 * solves[name]:.0f}")
    print(f"{'all local levers':<28}{1e3 * statistics.median(local):>8.0f}{1e3 * p95(local):>8.0f}\n")
    return solves


def solve_times(inputs: Inputs, model: SupplyModel, scenarios: list[Scenario]) -> Iterator[float]:
    """Seconds of the supply solve in place, its answer not remembered."""
    for scenario in scenarios:
        request = model.request(scenario, plan_demand(inputs, scenario, plan_portfolio(inputs, scenario)))
        yield timed(lambda r=request: model.solve(r))


def from_scratch(inputs: Inputs, model: SupplyModel, in_place: dict[str, float]) -> None:
    """Prints what stating the model in PuLP and solving it with CBC or HiGHS takes, as a ratio to the solve
    in place.
    """
    scenario = Scenario((LOCAL["family demand"](9),))
    request = model.request(scenario, plan_demand(inputs, scenario, plan_portfolio(inputs, scenario)))
    expected = model.solve(request).objective
    ratios = {name: seconds for name, seconds in in_place.items() if name in LOCAL}
    print(f"{'from scratch':<28}{'seconds':>8}   times the local solve in place (p50 of the levers)")
    for name, solver in (
        ("PuLP + CBC", pulp.PULP_CBC_CMD(msg=False)),
        ("PuLP + HiGHS", pulp.HiGHS(msg=False)),
    ):
        began = time.perf_counter()
        figures = model.figures(request)
        problem, columns = state(inputs, model.structure, model.layout, figures, model.timing(request))
        problem.solve(solver)
        seconds = time.perf_counter() - began
        objective = (
            sum(cost * (column.value() or 0.0) for cost, column in zip(figures.cost, columns, strict=True))
            + figures.offset
        )
        assert abs(objective - expected) <= 1e-6 * abs(expected), (name, objective, expected)
        print(f"{name:<28}{seconds:>8.1f}   {seconds / statistics.median(ratios.values()):.0f} x")
    print()


def browser_times(file: Path, moves: int) -> None:
    """Prints slider to strip and slider to all charts in a real browser on the demand page, and slider to
    strip of a local lever of the product page and two of the finance page."""
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import ARGUMENTS, CHROMIUM, serving
    from tests.browser.test_live import opened

    with serving(file) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 1920, "height": 1080})
        opened(page, f"{address}/demand_review")
        page.locator('[class*="st-key-lever_target_Product"] input').first.click()
        page.keyboard.type("Road Bikes")
        page.keyboard.press("Enter")
        page.wait_for_timeout(2000)
        page.evaluate(WATCH)
        strip, charts = [], []
        for k in range(moves + 1):
            page.locator('[data-testid="stSlider"]').filter(has_text="Demand: ").locator(
                "input[type=range]"
            ).focus()
            seen = page.evaluate("() => window.charts_seen")
            page.evaluate("() => window.started = performance.now()")
            page.keyboard.press("ArrowRight" if k % 60 < 30 else "ArrowLeft")
            page.wait_for_function(
                "seen => window.charts_seen > seen && window.strip_at > window.started", arg=seen
            )
            page.wait_for_timeout(400)
            if k:  # the first move warms the page
                strip.append(page.evaluate("() => window.strip_at - window.started"))
                charts.append(page.evaluate("() => window.chart_at - window.started"))
        override = override_times(page, moves // 3)
        reviews = {name: review_times(page, address, *scope, moves) for name, scope in REVIEWS.items()}
        browser.close()
    print(f"{'browser, ms':<28}{'p50':>8}{'p95':>8}")
    for name, times in (
        ("slider to strip", strip),
        ("slider to all charts", charts),
        ("override to strip", override),
        *reviews.items(),
    ):
        print(f"{name:<28}{statistics.median(times):>8.0f}{p95(times):>8.0f}")


def review_times(
    page: Page, address: str, review: str, scope: str, name: str, label: str, moves: int
) -> list[float]:
    """Milliseconds from a move of a local lever to the strip that holds it; the first move warms the page."""
    from tests.browser.test_live import lever, opened

    opened(page, f"{address}/{review}")
    page.locator(f'[class*="st-key-lever_target_{scope.replace(" ", "-")}"] input').first.click()
    page.keyboard.type(name)
    page.keyboard.press("Enter")
    page.wait_for_timeout(2000)
    page.evaluate(WATCH)
    times = []
    for k in range(moves + 1):
        lever(page, label).focus()
        page.evaluate("() => window.started = performance.now()")
        page.keyboard.press("ArrowRight" if k % (2 * TURN) < TURN else "ArrowLeft")
        page.wait_for_function("() => window.strip_at > window.started")
        page.wait_for_timeout(600)
        times.append(page.evaluate("() => window.strip_at - window.started"))
    return times[1:]


def override_times(page: Page, moves: int) -> list[float]:
    """Milliseconds from saving an override of a family to the strip that holds it; the first save warms."""
    reset = page.get_by_role("button", name="Reset").first
    if reset.is_enabled():
        reset.click()
        page.wait_for_timeout(2000)
    times = []
    for k in range(moves + 1):
        page.get_by_role("button", name="Override the demand").click()
        group = page.locator('[class*="st-key-override_group"] input').first
        group.click()
        page.keyboard.type(OVERRIDDEN[k % len(OVERRIDDEN)])
        page.keyboard.press("Enter")
        value = page.locator('[class*="st-key-override_value_pct"] input')
        value.fill(str((6, -5)[k % 2]))
        value.press("Tab")
        page.locator('[class*="st-key-override_reason"] input').first.click()
        page.keyboard.press("Enter")
        page.locator('[class*="st-key-who_override"] input').fill("Benchmark")
        page.keyboard.press("Tab")
        page.wait_for_timeout(1500)
        page.evaluate("() => window.started = performance.now()")
        page.locator('[class*="st-key-override_save"] button').click()
        page.wait_for_function("() => window.strip_at > window.started")
        page.wait_for_timeout(2500)
        times.append(page.evaluate("() => window.strip_at - window.started"))
    return times[1:]


# Looks only when the page changes: a look at every frame would take a core from the server it measures.
WATCH = """() => {
  window.charts_seen = 0; window.strip_at = 0; window.chart_at = 0;
  const all = selector => [...document.querySelectorAll(selector)];
  const text = () =>
    all('[data-testid=stMetricValue], [data-testid=stMetricDelta]').map(e => e.textContent).join();
  const chart = () => all('.js-plotly-plot path.js-line').map(e => e.getAttribute('d')).join();
  let shown = text(), drawn = chart(), waiting = false;
  const look = () => {
    waiting = false;
    if (text() !== shown) { shown = text(); window.strip_at = performance.now(); }
    if (chart() !== drawn) { drawn = chart(); window.chart_at = performance.now(); window.charts_seen += 1; }
  };
  const changed = () => { if (!waiting) { waiting = true; requestAnimationFrame(look); } };
  const everything = {subtree: true, childList: true, characterData: true, attributes: true};
  new MutationObserver(changed).observe(document.body, {...everything, attributeFilter: ['d']});
}"""


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def p95(times: list[float]) -> float:
    return sorted(times)[max(0, round(0.95 * len(times)) - 1)]


if __name__ == "__main__":
    main()
