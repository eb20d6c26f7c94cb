"""What poses alone say: subject, motion, amplitude and speed."""
