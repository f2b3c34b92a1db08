"""Risk: what may come, drawn and solved through the real plan, for every option on the table."""
