"""A checker in a single file: ``potable run ID --plugin examples/single_file_checker.py``.

It looks for penguins heavier than their flippers allow: a rule over two fields.
"""

from potable.engine import Checker, Code, Rule, Severity, hookimpl

potable_api = 1

TOO_HEAVY = Code(
    id="birds/too-heavy",
    severity=Severity.WARNING,
    title="Too heavy for its flippers",
    meaning="The body mass is more than 30 g for each millimetre of the flipper.",
    why="One of the two was mistyped, or the columns were swapped.",
    example="a flipper of 181 mm with a body mass of 37500 g",
    mend="Compare both with the field book.",
)


class Birds(Checker):
    """Compares the body mass with the flipper's length."""

    name = "birds"
    codes = (TOO_HEAVY,)

    def rules(self, source):
        """One rule over two fields; it's skipped, and said to be, where a table has no such columns."""
        yield Rule(
            TOO_HEAVY.id,
            ["body_mass_g", "flipper_length_mm"],
            wrong=lambda mass, flipper: mass.number > 30 * flipper.number,
            message="{body_mass_g} g with a flipper of {flipper_length_mm} mm",
        )


@hookimpl
def potable_checkers():
    """The checkers of this file."""
    return [Birds]
