import pytest

from sop_engine.warehouse import ALWAYS, Warehouse, dictionary, load, template, write_templates
from tests.warehouse.files import AT

# The contract with planners: keys, then the columns that must be there.
CONTRACT = {
    "sales_history": ("product market period", "units"),
    "product": ("product", ""),
    "market": ("market", ""),
    "site": ("site", "kind"),
    "resource": ("resource", "site"),
    "capacity": ("resource period", ""),
    "routing": ("product step alternative", "resource hours_per_unit"),
    "bill_of_material": ("parent component from_period", "quantity_per"),
    "sourcing": ("product site source mode from_period", "lead_time_days"),
    "service_lane": ("site market", ""),
    "inventory_policy": ("product site period", ""),
    "inventory_on_hand": ("product site", "units"),
    "scheduled_receipt": ("product site period reference", "units"),
    "order_book": ("order", "product market period units"),
    "price": ("product market period", "price"),
    "unit_cost": ("product period", "unit_cost"),
    "fx_rate": ("currency period type", "rate"),
    "budget": ("version product family category market region period", ""),
    "fixed_cost": ("account period", "amount"),
    "forecast_stream": ("stream product family market period", ""),
    "event": ("event", "from_period to_period"),
    "pipeline": ("project", "product launch_period in_plan"),
    "phase_out": ("product", "end_period"),
    "calendar": ("period", "start_date end_date"),
    "setting": ("name", "value"),
}


@pytest.mark.parametrize("name", CONTRACT)
def test_keys_and_required_columns_are_those_promised_to_planners(warehouse: Warehouse, name: str) -> None:
    keys, required = CONTRACT[name]
    table = warehouse.catalogue[name]
    assert table.group == "planner"
    assert set(table.key) == set(keys.split())
    assert {c.name for c in table.columns if c.present and not c.key} == set(required.split())


def test_every_column_of_every_table_has_a_unit_and_a_meaning(warehouse: Warehouse) -> None:
    columns = [column for table in warehouse.catalogue.values() for column in table.columns]
    assert len(columns) > 350
    assert [column for column in columns if not column.unit or not column.meaning] == []


def test_text_is_never_null_and_a_blank_key_has_a_value_to_stand_for_it(warehouse: Warehouse) -> None:
    for table in warehouse.catalogue.values():
        for column in table.columns:
            if column.type == "VARCHAR":
                assert column.required or isinstance(column.blank, str), (table.name, column.name)
            if column.type == "DATE" and column.key and table.group == "planner":
                assert column.required or column.blank == ALWAYS, (table.name, column.name)


def test_rules_are_read_from_the_checks(warehouse: Warehouse) -> None:
    columns = {(t.name, c.name): c for t in warehouse.catalogue.values() for c in t.columns}
    scrap = columns["bill_of_material", "scrap_pct"]
    assert (scrap.minimum, scrap.above_minimum, scrap.maximum) == (0, False, 100)
    quantity = columns["bill_of_material", "quantity_per"]
    assert (quantity.minimum, quantity.above_minimum, quantity.maximum) == (0, True, None)
    assert columns["event", "price_change_pct"].minimum == -100
    assert columns["sourcing", "mode"].words == ("make", "buy", "transfer", "subcontract")
    assert columns["sales_history", "revenue"].minimum is None


def test_the_database_holds_the_checks_itself(warehouse: Warehouse) -> None:
    with (
        pytest.raises(Exception, match="CHECK constraint failed"),
        warehouse.transaction("a", "b", AT) as change,
    ):
        change.insert("site", {"site": "S", "kind": "castle"})


def test_the_dictionary_has_a_row_for_each_planner_column(warehouse: Warehouse) -> None:
    frame = dictionary(warehouse.catalogue)
    planner = [table for table in warehouse.catalogue.values() if table.group == "planner"]
    assert len(frame) == sum(len(table.columns) for table in planner)
    mode = frame[(frame.table == "sourcing") & (frame.column == "mode")].iloc[0]
    assert mode.key and mode.required and mode.allowed == "make, buy, transfer, subcontract"


def test_templates_load_back_as_they_are(warehouse: Warehouse, tmp_path) -> None:
    written = write_templates(warehouse.catalogue, tmp_path / "templates")
    result = load(warehouse, [(path.name, path.read_bytes()) for path in written], who="planner", at=AT)
    assert set(result.tables) == {path.stem for path in written}
    assert [i for i in result.issues if "is not in the product table" not in i.problem] == []
    bikes = warehouse.read("SELECT units FROM sales_history ORDER BY period").units
    assert list(bikes) == [120, 135, 110]


def test_a_template_has_every_column_of_its_table(warehouse: Warehouse) -> None:
    table = warehouse.catalogue["sourcing"]
    header = template(table).splitlines()[0]
    assert header.split(",") == [column.name for column in table.columns]
