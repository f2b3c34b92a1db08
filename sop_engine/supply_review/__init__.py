"""The supply review: the constrained plan of make, buy, transfer and stock, what it lacks and why."""
