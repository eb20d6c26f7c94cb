"""Trains runs one after another, in each process that torchrun starts: ``train_each.py DATA FOLDER:STEPS``.

The processes are joined before ``train`` is called, as Ray Train joins them.
"""

import sys
from pathlib import Path

import torch.distributed as dist

from training.loop import train

if __name__ == "__main__":
    dist.init_process_group("gloo")
    for run in sys.argv[2:]:
        folder, steps = run.rsplit(":", 1)
        train(Path(folder) / "train.toml", data=sys.argv[1], out=Path(folder) / "run", steps=int(steps))
    dist.destroy_process_group()
