"""``python -m multitake``."""

from .cli import main

main()
