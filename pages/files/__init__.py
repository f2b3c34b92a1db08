"""What the Data page does with planner files."""
