"""Recovery from poses alone: subject, motion, amplitude and speed."""
