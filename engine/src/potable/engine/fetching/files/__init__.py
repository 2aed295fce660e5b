"""Local files, and what archives have inside."""
