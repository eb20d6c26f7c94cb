"""The state of the loaded level."""
