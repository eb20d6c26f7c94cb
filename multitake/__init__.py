"""What every room stands on: errors, settings, randomness, atomic writes, progress; and the command line."""
