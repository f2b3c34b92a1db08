"""Accuracy, coverage and speed of the forecast on published series: a table with its targets.

    python benchmarks/forecast.py [--data DIR] [--series N] [--ets N]

--series N takes about N series of each set, evenly spaced; --ets N of them also run through statsmodels' ETS,
which is slow. Exits 1 if a target is missed on the whole sets, 2 if the series are not there.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")  # CPU seconds are compared, not idle threads

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
from statsmodels.tsa.exponential_smoothing.ets import ETSModel  # noqa: E402
from statsmodels.tsa.seasonal import seasonal_decompose  # noqa: E402
from tqdm import tqdm  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sop_engine.demand_review.drivers import Drivers, entered  # noqa: E402
from sop_engine.demand_review.forecasters import PanelForecast, forecast_panel  # noqa: E402

CHEESE_WEEKS, CHEESE_DRIVERS = 8, ("price", "disp")
M3, CARPARTS, CHEESE = SETS = (
    "m3_monthly_dev.parquet",
    "carparts_monthly.parquet",
    "cheese_weekly_price_display.parquet",
)


@dataclass(frozen=True)
class Row:
    """One line of the table: what, figure, comparison figure or target in words, whether it is reached."""

    what: str
    figure: str
    target: str
    reached: bool


def main() -> int:
    args = _arguments()
    if missing := [name for name in SETS if not (args.data / name).exists()]:
        print(
            f"{args.data} lacks {', '.join(missing)}. Name the folder that has them: --data DIR",
            file=sys.stderr,
        )
        return 2
    rows = (
        m3(args.data, args.series, args.ets)
        + carparts(args.data, args.series)
        + cheese(args.data, args.series)
    )
    width = max(len(r.what) for r in rows)
    print(f"\n{'measure':{width}}  {'figure':>10}  {'target':14}  reached")
    for r in rows:
        print(f"{r.what:{width}}  {r.figure:>10}  {r.target:14}  {'yes' if r.reached else 'NO'}")
    return int(args.series is None and not all(r.reached for r in rows))


def m3(data: Path, count: int | None, ets: int) -> list[Row]:
    """714 monthly series of the M3 competition: OWA, coverage, and the cost of the final fits."""
    train, test = _split(data / M3, count)
    horizon = test.shape[1]
    began = time.process_time()
    with tqdm(total=len(train), desc="M3, forecast and backtest") as bar:
        result = forecast_panel(train, horizon, progress=lambda done, total: bar.update())
    whole = (time.process_time() - began) / len(train)
    began = time.process_time()
    forecast_panel(train, horizon, backtest=False)
    ours = (time.process_time() - began) / len(train)
    some = list(train.values())[:: max(1, len(train) // ets)]
    theirs = _seconds(_statsmodels_ets, tqdm(some, desc="M3, statsmodels ETS"), horizon) / len(some)
    score = owa(list(train.values()), test, result.point)
    return [
        Row(f"M3 monthly ({len(train)}): OWA", f"{score:.3f}", "<= 0.805", score <= 0.805),
        _coverage("M3 monthly", result, test),
        Row("M3 monthly: CPU ms per series, final fit with backtest", f"{1000 * whole:.0f}", "", True),
        Row("M3 monthly: CPU ms per series, final fit", f"{1000 * ours:.0f}", "", True),
        Row(
            f"M3 monthly: CPU ms per series, statsmodels ETS ({len(some)})", f"{1000 * theirs:.0f}", "", True
        ),
        Row(
            "M3 monthly: times faster than statsmodels ETS",
            f"{theirs / ours:.1f}",
            ">= 4",
            theirs / ours >= 4,
        ),
    ]


def carparts(data: Path, count: int | None) -> list[Row]:
    """2,509 intermittent parts: WAPE of each part's 12-month total."""
    train, test = _split(data / CARPARTS, count)
    result = forecast_panel(train, test.shape[1])
    wape = np.abs(test.sum(axis=1) - result.point.sum(axis=1)).sum() / test.sum()
    return [
        Row(f"car parts ({len(train)}): WAPE of the 12-month total", f"{wape:.3f}", "<= 0.69", wape <= 0.69),
        _coverage("car parts", result, test),
    ]


def cheese(data: Path, count: int | None) -> list[Row]:
    """88 retail accounts, price and display known ahead, with and without them: WAPE of the last 8 weeks."""
    frame = pd.read_parquet(data / CHEESE).sort_values(["retailer", "week_index"])
    values, logs = zip(*(entered(frame[name].to_numpy(float)) for name in CHEESE_DRIVERS))
    frame = frame.assign(**dict(zip(CHEESE_DRIVERS, values)))
    accounts = dict(_every(list(frame.groupby("retailer")), count))
    volume = {a: g["volume"].to_numpy(float) for a, g in accounts.items()}
    known = {a: g[list(CHEESE_DRIVERS)].to_numpy(float) for a, g in accounts.items()}
    train = {a: y[:-CHEESE_WEEKS] for a, y in volume.items()}
    drivers = {
        a: Drivers(CHEESE_DRIVERS, logs, x[:-CHEESE_WEEKS], x[-CHEESE_WEEKS:]) for a, x in known.items()
    }
    actual = np.array([y[-CHEESE_WEEKS:] for y in volume.values()])
    driven, plain = (
        forecast_panel(train, CHEESE_WEEKS, season=52, drivers=given) for given in (drivers, None)
    )
    wape, without = (float(np.abs(actual - f.point).sum() / actual.sum()) for f in (driven, plain))
    return [
        Row(f"cheese ({len(accounts)}): WAPE with price and display", f"{wape:.3f}", "<= 0.21", wape <= 0.21),
        Row("cheese: WAPE without", f"{without:.3f}", "", True),
        Row("cheese: driver-based accounts", f"{len(driven.driven)}", "", True),
    ]


def owa(train: list[np.ndarray], test: np.ndarray, point: np.ndarray) -> float:
    """Mean of sMAPE and MASE, each relative to Naive2 (M4 definition), over all series."""
    naive2 = np.array([_naive2(y, test.shape[1]) for y in train])
    scale = np.array([np.abs(y[12:] - y[:-12]).mean() for y in train])

    def smape(f: np.ndarray) -> float:
        return float((2 * np.abs(test - f) / (np.abs(test) + np.abs(f))).mean())

    def mase(f: np.ndarray) -> float:
        return float((np.abs(test - f).mean(axis=1) / scale).mean())

    return (smape(point) / smape(naive2) + mase(point) / mase(naive2)) / 2


def _naive2(y: np.ndarray, horizon: int, m: int = 12) -> np.ndarray:
    """The last value, seasonally adjusted where the autocorrelation at lag 12 passes the 90 % test of M4."""
    d = y - y.mean()
    r = np.array([d[k:] @ d[:-k] for k in range(1, m + 1)]) / (d @ d)
    if abs(r[-1]) <= 1.645 * np.sqrt((1 + 2 * np.sum(r[:-1] ** 2)) / len(y)):
        return np.full(horizon, y[-1])
    index = seasonal_decompose(y, model="multiplicative", period=m).seasonal
    return y[-1] / index[-1] * index[len(y) - m :][np.arange(horizon) % m]


def _statsmodels_ets(y: np.ndarray, horizon: int) -> np.ndarray:
    """The best by AICc of the ten ETS forms that AutoETS(damped=True) chooses from too."""
    fits = [
        ETSModel(
            y,
            error=error,
            trend=trend,
            damped_trend=trend is not None,
            seasonal=seasonal,
            seasonal_periods=12 if seasonal else None,
        ).fit(disp=False)
        for error in ("add", "mul")
        for trend in (None, "add")
        for seasonal in (None, "add", "mul")
        if (error, seasonal) != ("add", "mul")
    ]
    return min(fits, key=lambda f: f.aicc).forecast(horizon)


def _seconds(fit: Callable[[np.ndarray, int], np.ndarray], series: list[np.ndarray], horizon: int) -> float:
    began = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels warns of optimisers that did not converge
        for y in series:
            fit(y, horizon)
    return time.process_time() - began


def _coverage(name: str, result: PanelForecast, test: np.ndarray) -> Row:
    inside = float(((test >= result.lo80) & (test <= result.hi80)).mean())
    return Row(
        f"{name}: realised coverage of 80 % bands", f"{100 * inside:.1f} %", "75-88 %", 0.75 <= inside <= 0.88
    )


def _split(file: Path, count: int | None) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Training series by label and the test values (n, h) in the same order."""
    frame = pd.read_parquet(file).sort_values(["unique_id", "ds"])
    kept = _every(sorted(frame["unique_id"].unique()), count)
    parts = {s: dict(iter(g.groupby("unique_id")["y"])) for s, g in frame.groupby("split")}
    return (
        {a: parts["train"][a].to_numpy(float) for a in kept},
        np.array([parts["test"][a].to_numpy(float) for a in kept]),
    )


def _every(items: list, count: int | None) -> list:
    return items if count is None else items[:: max(1, len(items) // count)]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "forecasting")
    parser.add_argument(
        "--series", type=int, default=None, help="about this many series of each set (default: all)"
    )
    parser.add_argument("--ets", type=int, default=30, help="series also fitted with statsmodels ETS")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
