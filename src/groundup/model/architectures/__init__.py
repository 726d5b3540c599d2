"""How each architecture is written as a Hugging Face folder: settings and tensors, both ways, one file each."""
