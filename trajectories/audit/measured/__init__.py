"""Quantities of clips, measured on their poses."""
