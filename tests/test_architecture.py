"""Holds the import order and the permits that ARCHITECTURE.md states."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ORDER = (
    ("errors",),
    ("warehouse",),
    ("inputs", "scenario", "money"),
    ("product_review",),
    ("demand_review",),
    ("supply_review",),
    ("finance_review",),
    ("plan",),
    (
        "refresh",
        "replays",
        "past_forecasts",
        "policies",
        "strategies",
        "goal_seek",
        "pre_sop",
        "remedies",
        "deadlines",
    ),
    ("requests",),
    ("assumptions",),
    ("executive_sop",),
    ("risk",),
    ("records",),
    ("proof",),
    ("charts",),
    ("exports",),
    ("past_cycles",),
    ("sample",),
    ("pages",),
    ("commands", "app", "__main__"),
)
RANK = {name: rank for rank, group in enumerate(ORDER) for name in group}
PERMITS = {
    "streamlit": {"app", "pages"},
    "duckdb": {"warehouse"},
    "pulp": {"supply_review"},
    "highspy": {"supply_review"},
    "statsmodels": {"demand_review"},
    "statsforecast": {"demand_review"},
    "plotly": {"charts"},
    "pptx": {"exports"},
    "xlsxwriter": {"exports"},
}


def modules() -> list[Path]:
    engine = [
        p
        for p in (ROOT / "sop_engine").rglob("*.py")
        if p.name != "__init__.py" or p.parent.name != "sop_engine"
    ]
    return sorted([*engine, *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"])


def part_of(path: Path) -> str:
    """The room a file belongs to: the module or folder below sop_engine, or pages or app."""
    inside = path.relative_to(ROOT).with_suffix("").parts
    return inside[1] if inside[0] == "sop_engine" else inside[0]


def imported(path: Path) -> list[tuple[str, ...]]:
    tree = ast.parse(path.read_text())
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    return [tuple(name.split(".")) for name in names]


def rooms_imported(path: Path) -> set[str]:
    """Rooms of this project that a file imports, itself left out."""
    ours = {name[1] for name in imported(path) if name[0] == "sop_engine" and len(name) > 1}
    ours |= {"pages" for name in imported(path) if name[0] == "pages"}
    return ours - {part_of(path)}


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_module_imports_only_what_stands_to_its_left(path: Path) -> None:
    own = RANK[part_of(path)]
    wrong = {room for room in rooms_imported(path) if RANK[room] > own}
    assert not wrong, f"{path.name} may not import {sorted(wrong)}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_library_is_imported_only_where_it_is_permitted(path: Path) -> None:
    used = {name[0] for name in imported(path)} & PERMITS.keys()
    wrong = {library for library in used if part_of(path) not in PERMITS[library]}
    assert not wrong, f"{path.name} may not import {sorted(wrong)}"


def test_the_order_names_every_room() -> None:
    assert {part_of(path) for path in modules()} <= RANK.keys()


def test_the_engine_reads_no_clock() -> None:
    """The clock is an argument: only the pages and the command line may ask for the time."""
    outer = {"pages", "app", "commands", "__main__"}
    for path in modules():
        if part_of(path) not in outer:
            text = path.read_text()
            assert "datetime.now(" not in text and "date.today(" not in text and "time.time(" not in text, (
                path
            )
