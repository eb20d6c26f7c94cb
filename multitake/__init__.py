"""Shared by all packages: errors, settings, randomness, atomic writes, progress; and the command line."""
