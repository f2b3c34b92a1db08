from collections.abc import Iterator

import pytest

from sop_engine.warehouse import Warehouse, open_warehouse


@pytest.fixture
def warehouse() -> Iterator[Warehouse]:
    opened = open_warehouse(":memory:")
    yield opened
    opened.close()
