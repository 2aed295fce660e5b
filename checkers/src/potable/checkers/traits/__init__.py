"""What can be odd about a text, whatever it means."""
