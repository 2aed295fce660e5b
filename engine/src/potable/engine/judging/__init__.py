"""What checkers found, and what it comes to: counts, groups, explanations, coverage, a verdict."""
