"""From token files to checkpoints: schedule, optimizer, step, loop, resume."""
