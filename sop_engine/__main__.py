"""The same engine without a browser: python -m sop_engine COMMAND. commands.py does the work."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sop_engine import commands
from sop_engine.errors import SopError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 when it did its work, 1 with the reason on stderr when it could not."""
    options = vars(_parser().parse_args(arguments))
    command = options.pop("run")
    options.pop("command")
    try:
        command(**options)
    except SopError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename}: {error.strerror}. Name a place that can be written.", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sop_engine", description="The S&OP engine without a browser."
    )
    _warehouse(parser, commands.WAREHOUSE)
    verbs = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    init = _verb(
        verbs,
        "init",
        commands.init,
        "make the warehouse; --demo loads the sample company and fits its baseline",
    )
    init.add_argument("--demo", action="store_true", help="load the sample company, Adventure Works Cycles")
    init.add_argument("--force", action="store_true", help="start anew; the old file is kept beside it")

    load = _verb(
        verbs, "load", commands.load, "load planner files (CSV, XLSX) or folders of them, all or nothing"
    )
    load.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    load.add_argument(
        "--upsert",
        action="store_true",
        help="add lines or overwrite them; by default a file is its whole table",
    )

    plan = _verb(verbs, "plan", commands.plan, "plan a cycle and write its tables and scorecard")
    plan.add_argument(
        "--cycle", metavar="YYYY-MM", help="month to plan from (default: after the last complete history)"
    )
    plan.add_argument(
        "--scenario", type=Path, metavar="FILE", help="scenario as JSON (default: the baseline)"
    )
    plan.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder for the CSVs and scorecard.json"
    )

    handover = _verb(verbs, "handover", commands.handover, "write the published plan as execution needs it")
    handover.add_argument(
        "--version", default="", metavar="ID", help="plan version (default: published last)"
    )
    handover.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the files")

    pack = _verb(verbs, "pack", commands.pack, "write the executive pre-read and the scenario workbook")
    pack.add_argument("--cycle", metavar="YYYY-MM", help="month to plan from, as for plan")
    pack.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder for the PPTX, HTML and XLSX"
    )

    forecast = _verb(verbs, "forecast", commands.forecast, "forecast any tidy file unique_id, ds, y")
    forecast.add_argument("file", type=Path, metavar="FILE")
    forecast.add_argument("--horizon", type=int, required=True, metavar="N", help="periods to forecast")
    forecast.add_argument("--out", type=Path, required=True, metavar="FILE", help="CSV or Parquet to write")

    _verb(
        verbs,
        "accuracy",
        commands.accuracy,
        "replay the last twelve cycles and say how far the baseline was off, against simpler forecasts",
    )
    _verb(
        verbs,
        "check",
        commands.check,
        "say whether the data is sound and what each review can compute with it",
    )
    _verb(verbs, "backup", commands.backup, "write a consistent copy of the warehouse").add_argument(
        "file", type=Path, metavar="FILE"
    )
    _verb(
        verbs, "restore", commands.restore, "put a backup in place; the old file is kept beside it"
    ).add_argument("file", type=Path, metavar="FILE")
    _verb(verbs, "templates", commands.templates, "write one CSV template per table").add_argument(
        "folder", type=Path, metavar="DIR"
    )
    return parser


def _verb(verbs: argparse._SubParsersAction, name: str, run: object, help: str) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=help, description=help)
    verb.set_defaults(run=run)
    _warehouse(verb, argparse.SUPPRESS)
    return verb


def _warehouse(parser: argparse.ArgumentParser, default: Path | str) -> None:
    parser.add_argument(
        "--warehouse",
        type=Path,
        default=default,
        metavar="FILE",
        help=f"warehouse file ({commands.WAREHOUSE})",
    )


if __name__ == "__main__":
    sys.exit(main())
