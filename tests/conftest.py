"""The sample company, loaded and fitted once per test run; every test that writes takes a copy of
the file.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # two cores: threads of the maths library would fight

from sop_engine import commands  # noqa: E402


@pytest.fixture(scope="session")
def demo_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse file that holds the sample company with its baseline fitted; not to be written to."""
    file = tmp_path_factory.mktemp("demo") / "sop.duckdb"
    commands.init(file, demo=True, force=False)
    return file


@pytest.fixture
def demo_copy(demo_file: Path, tmp_path: Path) -> Path:
    """A copy of the sample company's warehouse to write to."""
    return Path(shutil.copyfile(demo_file, tmp_path / "sop.duckdb"))


@pytest.fixture
def empty_file(tmp_path: Path) -> Path:
    """A warehouse file that holds nothing."""
    file = tmp_path / "empty.duckdb"
    commands.init(file, demo=False, force=False)
    return file
