"""The transformer, its configuration, loss, accounting and the folder that it is shipped in."""
