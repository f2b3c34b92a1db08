"""The planning engine of S&OP Live: one function `plan(inputs, scenario) -> Plan` over one DuckDB warehouse."""
