"""Days of the calendar, and the ways in which people write them."""
