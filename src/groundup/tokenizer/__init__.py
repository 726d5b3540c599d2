"""Text to ids and back: interface, byte-level BPE, special tokens, chat format. Needs no torch."""
