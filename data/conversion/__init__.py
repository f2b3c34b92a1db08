"""The steps that turn the AdventureWorks source into a planner's files, one module per part of the contract."""
