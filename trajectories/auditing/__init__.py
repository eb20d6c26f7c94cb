"""The audit: what a set of trajectories is, held against the rules it should follow."""
