"""The planning engine of S&OP Live: `plan(inputs, scenario) -> Plan` over one DuckDB warehouse."""
