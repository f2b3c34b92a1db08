"""The plan outside the app: files for planners and meetings."""
