"""What several folders use and nothing else: files, errors, seeds, devices, progress."""
