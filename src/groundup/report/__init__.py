"""What people look at: comparisons of runs, reports."""
