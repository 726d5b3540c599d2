"""From files to batches: sources, corpus, split, token files, packing, order, loader. Needs no torch."""
