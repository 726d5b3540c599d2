"""Code in C, compiled on the machine that runs it, where there is a compiler; see `build`."""
