"""What a program, or a caller, gives: arguments and options made sure of, and what it has at hand as a table."""
