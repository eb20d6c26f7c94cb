"""The quality gate: figures of every filmed clip, their limits, and what is wrong with a take."""
