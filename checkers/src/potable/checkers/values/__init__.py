"""A chunk's values as arrays: bytes, texts and numbers, worked out for whole columns at once."""
