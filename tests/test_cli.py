"""The command line, run in this process as a user would type it."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from sop_engine.__main__ import main
from sop_engine.scenario import Lever, LeverKind, Scenario
from sop_engine.warehouse import open_warehouse
from tests.tables import small_tables

HISTORY = "product,market,period,units\nA,East,2025-11,10\nA,East,2025-12,12\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "sop.duckdb"


@pytest.fixture
def company(tmp_path: Path) -> Path:
    """A folder with the planner files of a small company."""
    folder = tmp_path / "company"
    folder.mkdir()
    for name, rows in small_tables().items():
        rows.to_csv(folder / f"{name}.csv", index=False)
    (folder / "README.md").write_text("not a table")
    return folder


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


def test_init_makes_an_empty_warehouse_and_leaves_an_existing_one(file: Path, tmp_path: Path, capsys) -> None:
    assert run("init", "--warehouse", file) == 0
    assert "is ready and empty" in capsys.readouterr().out
    (tmp_path / "sales_history.csv").write_text(HISTORY)
    assert run("load", tmp_path / "sales_history.csv", "--warehouse", file) == 0
    capsys.readouterr()
    assert run("init", "--warehouse", file) == 0
    assert "is there already, with 4 rows. Nothing was changed" in capsys.readouterr().out


def test_init_force_starts_anew_and_keeps_the_old_file(file: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "sales_history.csv").write_text(HISTORY)
    run("load", tmp_path / "sales_history.csv", "--warehouse", file)
    assert run("init", "--force", "--warehouse", file) == 0
    kept = tmp_path / "sop.before-reset-1.duckdb"
    assert f"The old warehouse is kept as {kept}" in capsys.readouterr().out
    for path, rows in ((file, 0), (kept, 2)):
        opened = open_warehouse(path)
        assert opened.rows()["sales_history"] == rows
        opened.close()


@pytest.mark.parametrize("order", ["before", "after"])
def test_the_warehouse_may_be_named_before_or_after_the_command(file: Path, order: str) -> None:
    named = ["--warehouse", file]
    assert run(*(named if order == "before" else []), "init", *(named if order == "after" else [])) == 0
    assert file.exists()


def test_load_says_the_rows_of_each_table_and_the_version(file: Path, company: Path, capsys) -> None:
    assert run("load", company, "--warehouse", file) == 0
    said = capsys.readouterr().out.splitlines()
    assert "sales_history: 120 rows" in said and "product: 3 rows" in said
    opened = open_warehouse(file)
    assert said[-1].startswith("Loaded ") and said[-1].endswith(f"data version {opened.data_version()}.")
    opened.close()


def test_load_prints_every_fault_and_loads_nothing(file: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "sales_history.csv").write_text(HISTORY + "A,East,2026-01,ten\nA,East,2025-12,1\n")
    (tmp_path / "price.csv").write_text("product,price\nB,-1\n")
    assert run("load", tmp_path / "sales_history.csv", tmp_path / "price.csv", "--warehouse", file) == 1
    out, err = capsys.readouterr()
    assert out == ""
    for fault in (
        "line 4, units: 'ten' is not a number",
        "line 5, product, market, period",
        "'-1' is negative",
        "'B' is no known product",
    ):
        assert fault in err
    opened = open_warehouse(file)
    assert sum(opened.rows().values()) == 0
    opened.close()


def test_load_upsert_adds_lines(file: Path, tmp_path: Path) -> None:
    (tmp_path / "sales_history.csv").write_text(HISTORY)
    run("load", tmp_path / "sales_history.csv", "--warehouse", file)
    (tmp_path / "sales_history.csv").write_text("product,market,period,units\nA,East,2026-01,5\n")
    assert run("load", tmp_path / "sales_history.csv", "--upsert", "--warehouse", file) == 0
    opened = open_warehouse(file)
    assert opened.rows()["sales_history"] == 3
    opened.close()


@pytest.mark.parametrize("path", ["missing.csv", "."])
def test_load_of_nothing_is_an_error_and_makes_no_warehouse(
    file: Path, tmp_path: Path, path: str, capsys
) -> None:
    assert run("load", tmp_path / path, "--warehouse", file) == 1
    assert "Name " in capsys.readouterr().err
    assert not file.exists()


def test_check_says_what_each_review_can_compute(file: Path, company: Path, capsys) -> None:
    (company / "routing.csv").unlink()
    run("load", company, "--warehouse", file)
    capsys.readouterr()
    assert run("check", "--warehouse", file) == 0
    out = capsys.readouterr().out
    assert "Supply: load of the resources: no, needs routing" in out
    assert "Finance: revenue: yes" in out
    assert "Baseline: stale" in out
    assert "Keys and references: 0 faults." in out


def test_check_fails_on_faulty_data(file: Path, company: Path, capsys) -> None:
    run("load", company, "--warehouse", file)
    opened = open_warehouse(file)
    with opened.transaction("Ann", "by hand", pd.Timestamp("2026-01-06").to_pydatetime()) as change:
        change.insert("service_lane", {"site": "Depott", "market": "East"})
    opened.close()
    assert run("check", "--warehouse", file) == 1
    assert "table service_lane, site: 'Depott' is no known site" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["check"], ["backup", "copy.duckdb"], ["plan", "--out", "out"]])
def test_a_command_that_needs_a_warehouse_says_how_to_make_one(
    file: Path, command: list[str], capsys
) -> None:
    assert run(*command, "--warehouse", file) == 1
    assert "Make it with: python -m sop_engine init" in capsys.readouterr().err
    assert not file.exists()


def test_backup_and_restore(file: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "setting.csv").write_text("name,value\na,1\n")
    run("load", tmp_path / "setting.csv", "--warehouse", file)
    copy = tmp_path / "copies" / "copy.duckdb"
    assert run("backup", copy, "--warehouse", file) == 0
    (tmp_path / "setting.csv").write_text("name,value\na,2\n")
    run("load", tmp_path / "setting.csv", "--warehouse", file)
    assert run("restore", copy, "--warehouse", file) == 0
    assert "The old one is kept as" in capsys.readouterr().out
    opened = open_warehouse(file)
    assert opened.read("SELECT value FROM setting").value[0] == "1"
    opened.close()
    (tmp_path / "letter.txt").write_text("Dear planner")
    assert run("restore", tmp_path / "letter.txt", "--warehouse", file) == 1


def test_forecast_of_any_tidy_file(tmp_path: Path, capsys) -> None:
    months = pd.date_range("2023-01-01", periods=30, freq="MS")
    rows = [(name, month.date(), 100 + step % 12) for name in "ab" for step, month in enumerate(months)]
    pd.DataFrame(rows, columns=["unique_id", "ds", "y"]).to_csv(tmp_path / "series.csv", index=False)
    assert run("forecast", tmp_path / "series.csv", "--horizon", 6, "--out", tmp_path / "forecast.csv") == 0
    assert "Forecast 2 series over 6 periods" in capsys.readouterr().out
    forecast = pd.read_csv(tmp_path / "forecast.csv")
    assert list(forecast.columns) == ["unique_id", "ds", "forecast", "lo80", "hi80", "lo95", "hi95", "class"]
    assert len(forecast) == 12 and forecast.forecast.between(90, 122).all()


def test_series_too_short_to_forecast_are_counted_apart(tmp_path: Path, capsys) -> None:
    lines = [
        "unique_id,ds,y",
        *(f"a,2023-{month:02d},5" for month in range(1, 9)),
        "b,2023-01,5",
        "c,2023-01,5",
    ]
    (tmp_path / "series.csv").write_text("\n".join(lines))
    assert run("forecast", tmp_path / "series.csv", "--horizon", 2, "--out", tmp_path / "out.csv") == 0
    said = capsys.readouterr().out
    assert "Forecast 1 series over 2 periods" in said and "2 more series are too short to forecast" in said


def test_plan_writes_its_tables_and_scorecard(file: Path, company: Path, tmp_path: Path, capsys) -> None:
    run("load", company, "--warehouse", file)
    assert run("plan", "--out", tmp_path / "base", "--warehouse", file) == 0
    assert "Planned cycle 2014-01 under the baseline" in capsys.readouterr().out
    scenario = tmp_path / "more.json"
    scenario.write_text(Scenario((Lever(LeverKind.DEMAND, 10.0),), name="More").to_json())
    assert run("plan", "--scenario", scenario, "--out", tmp_path / "more", "--warehouse", file) == 0
    cards = [json.loads((tmp_path / name / "scorecard.json").read_text()) for name in ("base", "more")]
    assert cards[1]["demand_units"] > cards[0]["demand_units"] > 0
    assert {
        "fill_rate_pct",
        "revenue",
        "gross_margin",
        "inventory_value",
        "required_load_peak_pct",
        "period",
    } <= set(cards[0])
    again = tmp_path / "again"
    assert run("plan", "--cycle", "2014-01", "--out", again, "--warehouse", file) == 0
    assert json.loads((again / "scorecard.json").read_text()) == cards[0]


def test_plan_refuses_a_file_that_is_no_scenario(file: Path, company: Path, tmp_path: Path, capsys) -> None:
    run("load", company, "--warehouse", file)
    (tmp_path / "bad.json").write_text("[]")
    for scenario in (tmp_path / "bad.json", tmp_path / "missing.json"):
        assert run("plan", "--scenario", scenario, "--out", tmp_path / "out", "--warehouse", file) == 1
    assert "Traceback" not in capsys.readouterr().err


def test_templates_are_written(tmp_path: Path) -> None:
    assert run("templates", tmp_path / "templates") == 0
    header = (tmp_path / "templates" / "price.csv").read_text().splitlines()[0]
    assert header == "product,market,period,price,version"


def test_it_runs_as_a_module_and_exits_with_the_status(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sop_engine", "load", str(tmp_path / "missing.csv")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("There is no ") and "Traceback" not in done.stderr


def test_accuracy_prints_the_replayed_cycles_and_whether_chaining_helped(
    file: Path, company: Path, capsys
) -> None:
    run("init", "--warehouse", file)
    run("load", company, "--warehouse", file)
    capsys.readouterr()
    assert run("accuracy", "--warehouse", file) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("cycles 2013-01 to 2013-12" in line for line in lines)
    row = next(line.split() for line in lines if line.startswith("1 ") and "family" in line)
    assert row[:4] == ["1", "12", "value", "family"] and [float(cell) for cell in row[4:]] == [0, 0, 0]
    assert lines[-1] == "Chaining successions changed nothing: no succession was known in these cycles."


@pytest.mark.parametrize("sold", [True, False])
def test_accuracy_without_any_money_is_of_units_and_never_nan(
    file: Path, company: Path, sold: bool, capsys
) -> None:
    history = pd.read_csv(company / "sales_history.csv").drop(columns="revenue")
    history.loc[history["period"] >= "2013-01" if not sold else history["units"] < 0, "units"] = 0
    for table in company.glob("*.csv"):
        table.unlink()
    history.to_csv(company / "sales_history.csv", index=False)
    run("load", company, "--warehouse", file)
    capsys.readouterr()
    assert run("accuracy", "--warehouse", file) == 0
    out = capsys.readouterr().out
    assert "nan" not in out and " value " not in out.partition("lag ")[2]
    assert "errors are weighted by units only; load revenue in sales_history, or price." in out
    verdict = "no succession was known" if sold else "Nothing was sold in these months"
    assert verdict in out.splitlines()[-1]


def test_accuracy_of_too_short_a_history_says_so(file: Path, tmp_path: Path, capsys) -> None:
    (tmp_path / "sales_history.csv").write_text(HISTORY)
    run("load", tmp_path / "sales_history.csv", "--warehouse", file)
    assert run("accuracy", "--warehouse", file) == 1
    assert "too short to replay" in capsys.readouterr().err
