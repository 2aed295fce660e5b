"""What a definition declares, as checkers use it: a Table Schema, keys, patterns, the format, codes switched off."""
