"""The steps from the AdventureWorks source to a planner's files, one module per part of the contract."""
