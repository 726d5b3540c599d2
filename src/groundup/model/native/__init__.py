"""A training step's passes over activations in C, compiled where there is a compiler; see `kernels`."""
