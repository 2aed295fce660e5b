"""The types of a Table Schema: which texts are right, and how the right ones are ordered."""
