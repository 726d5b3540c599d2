"""From a model to text: sampling and generation."""
