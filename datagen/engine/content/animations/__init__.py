"""The animations: postures of any body as functions of time."""
