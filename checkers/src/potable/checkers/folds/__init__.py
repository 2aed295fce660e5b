"""What the checkers' folds are made of: those that look at columns or cells, and what they keep of what they found."""
