"""Why the plan is short, what relief is worth, and what would help: every answer in money is solved again."""
