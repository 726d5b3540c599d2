"""What a run leaves on disk: its folder, metrics, ledger, lineage. Needs no torch."""
