"""What the checkers of XML schemas (XSD, RELAX NG, Schematron) have in common."""
