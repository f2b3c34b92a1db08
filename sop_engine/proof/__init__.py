"""The proof: one set of numbers from the planner's tables to the statement, with every residual."""
