"""The project's benchmarks: ``make bench``."""
