"""Numbers about a model: bits per byte, generation statistics."""
