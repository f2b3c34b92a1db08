"""What a meeting shows before it begins, while it runs and after it has ended."""
