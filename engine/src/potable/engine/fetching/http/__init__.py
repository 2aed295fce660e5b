"""HTTP as the engine speaks it: one client for a run, bounded, and kept to the address rules."""
