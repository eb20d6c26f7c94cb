"""From the state of the world to pixels."""
