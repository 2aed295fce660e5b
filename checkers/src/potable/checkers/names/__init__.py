"""The names of fields: what they tell of values, the header in which they stand, and the one that was meant."""
