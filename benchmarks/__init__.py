"""Speeds as ratios, measured interleaved in one run on one machine."""
