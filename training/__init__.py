"""How models learn: Wan2.1 with cameras, its objective, the loop, checkpoints, re-shooting."""
