"""Which Potable this is: in reports, and to the servers it asks."""

VERSION = "0.1.0"
