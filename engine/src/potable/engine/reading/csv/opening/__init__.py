"""What a table's beginning shows before anything is cut: how it's really written, and what its header really is.

``beginning`` is what all looks look at; ``misdeclared`` has them in their order.
"""
