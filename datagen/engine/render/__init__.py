"""From the scene to pixels."""
