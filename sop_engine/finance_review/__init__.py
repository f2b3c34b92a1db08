"""The finance review: the plan in money, its baselines, the bridges between them, and the income
statement."""
