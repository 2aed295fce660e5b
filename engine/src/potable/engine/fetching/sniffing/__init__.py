"""What bytes really are, told by how they begin."""
