"""The project's benchmarks, ``make bench``, and its study of false alarms, ``make study``."""
