"""Any tidy file in, forecasts or named faults out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sop_engine.demand_review.forecasters import forecast_panel
from sop_engine.demand_review.tidy import forecast_file, forecast_tidy
from sop_engine.errors import DataError


def tidy(ds: object, y: object = None, unique_id: object = "a") -> pd.DataFrame:
    ds = list(ds)
    return pd.DataFrame({"unique_id": unique_id, "ds": ds, "y": np.arange(len(ds)) + 5.0 if y is None else y})


def faults(frame: pd.DataFrame) -> str:
    with pytest.raises(DataError) as raised:
        forecast_tidy(frame, 3)
    return str(raised.value)


@pytest.mark.parametrize(
    ("ds", "following"),
    [
        (["2020-11", "2020-12", "2021-01"], ["2021-02", "2021-03"]),
        ([202011, 202012, 202101], [202102, 202103]),
        (["2020-01-15", "2020-02-15", "2020-03-15"], ["2020-04-15", "2020-05-15"]),
        (["2019-12-31", "2020-01-31", "2020-02-29"], ["2020-03-31", "2020-04-30"]),
        (["2020-01-01", "2020-04-01", "2020-07-01"], ["2020-10-01", "2021-01-01"]),
        (["2020-12-14", "2020-12-21", "2020-12-28"], ["2021-01-04", "2021-01-11"]),
        (["2020-12-29", "2020-12-30", "2020-12-31"], ["2021-01-01", "2021-01-02"]),
        (["2018-01-01", "2019-01-01", "2020-01-01"], ["2021-01-01", "2022-01-01"]),
        ([1, 2, 3], [4, 5]),
        ([10, 20, 30], [40, 50]),
    ],
)
def test_periods_go_on_as_the_file_writes_them(ds, following):
    assert forecast_tidy(tidy(ds), 2)["ds"].tolist() == following


def test_dates_stay_dates():
    dates = pd.date_range("2020-01-01", periods=5, freq="MS")
    assert forecast_tidy(tidy(dates), 1)["ds"].tolist() == [pd.Timestamp("2020-06-01")]


def test_numbers_are_those_of_the_panel_whatever_the_row_order_and_further_columns():
    rng = np.random.default_rng(0)
    months = pd.date_range("2020-01-31", periods=30, freq="ME")
    panel = {"b": rng.uniform(50, 90, 30), "a": rng.uniform(5, 9, 30)}
    frame = pd.concat([tidy(months, y, a) for a, y in panel.items()]).assign(split="train")
    result = forecast_tidy(frame.sample(frac=1, random_state=1), 4)
    expected = forecast_panel(dict(sorted(panel.items())), 4)
    assert result["unique_id"].tolist() == ["a"] * 4 + ["b"] * 4
    assert list(result.columns) == ["unique_id", "ds", "forecast", "lo80", "hi80", "lo95", "hi95", "class"]
    for column, values in (("forecast", expected.point), ("lo80", expected.lo80), ("hi95", expected.hi95)):
        assert result[column].to_numpy() == pytest.approx(values.ravel())


def test_short_constant_zero_and_single_series_are_handled():
    months = pd.date_range("2020-01-01", periods=30, freq="MS")
    frame = pd.concat(
        [
            tidy(months, 7.0, "constant"),
            tidy(months, 0.0, "zero"),
            tidy(months[:1], 3.0, "single"),
            tidy(months[:5], 4.0, "short"),
        ]
    )
    result = forecast_tidy(frame, 2).set_index("unique_id")
    assert result.loc["constant", "forecast"].tolist() == pytest.approx([7.0, 7.0])
    assert result.loc["zero", "hi95"].tolist() == [0.0, 0.0]
    assert result.loc["single", "class"].tolist() == ["none", "none"]
    assert result.loc["single", ["forecast", "lo80", "hi95"]].isna().all(axis=None)
    assert result.loc["short", "forecast"].tolist() == pytest.approx([4.0, 4.0])


def test_a_file_of_single_points_is_taken_as_months():
    assert forecast_tidy(tidy(["2020-01-31"]), 1)["ds"].tolist() == ["2020-02-29"]


def test_all_faults_are_named_at_once_with_line_series_and_remedy():
    frame = pd.DataFrame(
        [
            ("a", "2020-01-01", "1"),
            ("a", "2020-02-01", ""),
            ("a", "2020-05-01", "-3"),
            ("a", "31/12/2020", "4"),
            ("", "2020-01-01", "5"),
            ("b", "2020-01-01", "ten"),
            ("b", "2020-02-01", "inf"),
            ("b", "2020-03-01", "NaN"),
        ],
        columns=["unique_id", "ds", "y"],
    )
    text = faults(frame)
    assert "8 faults" in text
    for expected in (
        "line 3, y: the demand is blank (series a)",
        "line 4, y: '-3' is negative (series a)",
        "line 4, ds: '2020-03, 2020-04' missing before this line (series a)",
        "line 5, ds: '31/12/2020' is not a date",
        "line 6, unique_id: the name of the series is blank",
        "line 7, y: 'ten' is not a number (series b)",
        "line 8, y: 'inf' is infinite (series b)",
        "line 9, y: the demand is blank (series b)",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("ds", "named"),
    [
        (["2020-01", "2020-02", "2020-02", "2020-03"], "'2020-02' is given twice"),
        (["2020-01-06", "2020-01-13", "2020-02-03", "2020-02-10"], "missing before this line"),
        ([1, 3, 6], "missing before this line"),
        (["2020-01", "2020-02", "2020-02-15", "2020-03"], "line 4, ds: '2020-02' is given twice"),
        (
            ["2020-01-06", "2020-01-13", "2020-01-16", "2020-01-20"],
            "line 4, ds: '2020-01-13/2020-01-19' is given",
        ),
        (["2020-01-01", "2020-02-01x", "2020-03-01"], "line 3, ds: '2020-02-01x' is not a date"),
        (["2020-01-01", "2020-01-04", "2020-01-07"], "line 3, ds: the dates are 3 days apart"),
    ],
)
def test_irregular_periods_are_refused(ds, named):
    assert named in faults(tidy(ds))


def test_missing_columns_rows_and_horizon_are_named():
    assert "unique_id, y are missing" in faults(pd.DataFrame({"ds": ["2020-01"]}))
    assert "no rows" in faults(pd.DataFrame(columns=["unique_id", "ds", "y"]))
    for horizon in (0, 241, 100_000):
        with pytest.raises(DataError, match=f"horizon of {horizon} periods is not possible. Give 1 to 240"):
            forecast_tidy(tidy([1, 2]), horizon)


def test_dates_past_the_end_of_all_dates_are_no_traceback():
    with pytest.raises(DataError, match="240 periods end past 2261"):
        forecast_tidy(tidy(["2022-01-01", "2023-01-01", "2024-01-01"]), 240)


def test_dates_may_carry_a_time_of_day():
    days = ["2020-01-31 00:00:00", "2020-02-29T00:00:00Z", "2020-03-31T00:00+02:00"]
    assert forecast_tidy(tidy(days), 1)["ds"].tolist() == ["2020-04-30"]


@pytest.mark.parametrize("value", [1e151, 1e308])
def test_values_that_no_forecast_can_be_made_of_are_refused_by_name(value: float):
    months = pd.date_range("2020-01-01", periods=40, freq="MS")
    text = faults(tidy(months, np.where(np.arange(40) == 7, value, 5.0)))
    assert "line 9, y" in text and "is above 1e+150" in text and "(series a)" in text
    large = forecast_tidy(tidy(months, np.linspace(0.1, 1.0, 40) * 1e150), 3)
    assert np.isfinite(large.drop(columns=["unique_id", "ds", "class"]).to_numpy(float)).all()


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("unique_id,ds,y,y\na,2020-01,1,2\n", "more than one column is named y"),
        ("unique_id,ds,y\na,2020-01,1\n\na,2020-02,1,5\n", "line 4: the line has 4 values, the header 3"),
        ("unique_id,ds,y\na,2020-01\n", "line 2: the line has 2 values, the header 3"),
        ("unique_id,ds,y\na,2020-01,1\n\n\na,2020-02,ten\n", "line 5, y: 'ten' is not a number"),
    ],
)
def test_the_lines_of_a_file_are_held_against_its_header(tmp_path: Path, text: str, named: str):
    (tmp_path / "demand.csv").write_text(text)
    with pytest.raises(DataError) as raised:
        forecast_file(tmp_path / "demand.csv", 2, tmp_path / "out.csv")
    assert named in str(raised.value)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_files_go_in_and_out(tmp_path: Path, suffix: str):
    file, out = tmp_path / f"demand{suffix}", tmp_path / f"forecast{suffix}"
    frame = tidy(["2020-01", "2020-02", "2020-03"], unique_id="007")
    frame.to_csv(file, index=False) if suffix == ".csv" else frame.to_parquet(file)
    result = forecast_file(file, 2, out)
    written = pd.read_csv(out, dtype={"unique_id": str}) if suffix == ".csv" else pd.read_parquet(out)
    assert written["unique_id"].tolist() == ["007", "007"]
    assert written["forecast"].tolist() == pytest.approx(result["forecast"].tolist())


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("absent.csv", None, "cannot be read"),
        ("demand.txt", "x", ".csv or .parquet"),
        ("empty.csv", "", "cannot be read"),
        ("broken.parquet", "x", "cannot be read"),
    ],
)
def test_files_that_cannot_be_read_are_named(tmp_path: Path, name: str, content: str | None, named: str):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=named):
        forecast_file(tmp_path / name, 2, tmp_path / "out.csv")


def test_the_folder_of_the_result_must_exist(tmp_path: Path):
    with pytest.raises(DataError, match="does not exist"):
        forecast_file(tmp_path / "demand.csv", 2, tmp_path / "absent" / "out.csv")


def shops(n: int = 40, ahead: int = 4) -> pd.DataFrame:
    """Two shops whose sales follow their price with a slope of -2; the last rows are planned prices."""
    rng = np.random.default_rng(0)
    days = pd.date_range("2020-01-01", periods=n + ahead, freq="MS").strftime("%Y-%m-%d")
    frames = []
    for name in "ab":
        price = 10 * rng.choice([0.8, 1.0, 1.1], n + ahead)
        y = 300 * (price / 10) ** -2.0 * rng.uniform(0.98, 1.02, n + ahead)
        y[n:] = np.nan
        frames.append(tidy(days, y, name).assign(price=price, city="Rome"))
    return pd.concat(frames, ignore_index=True)


def test_columns_of_numbers_drive_the_forecast_and_planned_rows_carry_their_future():
    frame = shops()
    result = forecast_tidy(frame, 4)
    assert set(result["class"]) == {"driver-based"}
    assert result["ds"].tolist() == frame["ds"].tolist()[40:44] * 2
    expected = 300 * (frame.loc[frame["y"].isna(), "price"].to_numpy() / 10) ** -2.0
    assert result["forecast"].to_numpy() == pytest.approx(expected, rel=0.03)
    assert result["drivers"].str.startswith("price -2 % for 1 % more (± 0.0").all()


def test_driver_rows_in_any_order_give_the_same_and_words_beside_them_change_nothing():
    frame = shops()
    mixed = forecast_tidy(frame.drop(columns="city").sample(frac=1, random_state=3), 4)
    assert mixed["forecast"].to_numpy() == pytest.approx(forecast_tidy(frame, 4)["forecast"].to_numpy())
    bare = forecast_tidy(frame.dropna(subset="y").drop(columns="price"), 4)
    assert set(bare["class"]) == {"regular"} and "drivers" not in bare


def test_a_driver_that_is_not_planned_far_enough_is_carried_and_said():
    frame = shops(ahead=2)
    result = forecast_tidy(frame, 4)
    assert (result["class"] == "driver-based").all()
    assert result["drivers"].str.endswith("given for 2 periods").all()
    last = frame[frame["y"].notna()].groupby("unique_id")["price"].last().to_numpy()
    tail = result.groupby("unique_id")["forecast"].last().to_numpy()
    assert tail == pytest.approx(300 * (last / 10) ** -2.0, rel=0.03)


def test_faults_of_drivers_are_named():
    frame = shops().astype({"price": object, "y": object})
    frame.loc[3, "price"], frame.loc[5, "price"] = "ten", "inf"
    frame.loc[10, "y"] = ""
    text = faults(frame)
    assert "line 5, price: 'ten' is not a number (series a). Write digits, or leave the column out" in text
    assert "line 7, price: 'inf' is not a number" in text and "line 12, y: the demand is blank" in text
    twice = pd.concat([shops(), shops().tail(1)])
    assert "is given twice" in faults(twice)


@pytest.mark.parametrize("name", ["id", "at", "when", "value", "line", "planned", "class"])
def test_a_driver_may_have_any_name(name):
    frame = shops().rename(columns={"price": name})
    assert forecast_tidy(frame, 4)["drivers"].str.startswith(f"{name} -2 %").all()


def test_integer_periods_take_drivers_too():
    frame = shops()
    frame["ds"] = list(range(44)) * 2
    assert set(forecast_tidy(frame, 4)["class"]) == {"driver-based"}
    lonely = frame[(frame["unique_id"] == "a") & (frame["ds"] >= 38)]
    assert set(forecast_tidy(lonely, 4)["class"]) == {"none"}
