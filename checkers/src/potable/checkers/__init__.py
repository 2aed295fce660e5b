"""Potable's checkers: ordinary plugins of the engine, made of nothing that a third party can't use.

===============  =====================================================================
``schema``       values, header and constraints against a Table Schema
``json-schema``  records against a JSON Schema
``xsd``          XML against an XML Schema
``relaxng``      XML against a RELAX NG schema
``schematron``   XML against the assertions of a Schematron
``keys``         primary keys, other unique fields, foreign keys
``rules``        QC rules: ``ValueExists``, ``CondValueExists``
``text``         what is odd about texts, whatever they mean; forbidden and required values
``rows``         whole records: how many, twice the same, against constraints over several fields
``spreadsheet``  what a spreadsheet does to data that pass through it
``dates``        dates written in several ways, ambiguous, ahead of time or impossible
``numbers``      numbers far from all others, with a decimal comma among points, with units
``identifiers``  RRIDs, DOIs, ORCID iDs and all that the Bioregistry knows
``links``        whether links lead somewhere: a sample, only where a definition asks for it
``drift``        fields, types, missing values, distributions and keys beside the last accepted run's
``accounting``   the number of records, errors and duplicates beside those of the last accepted run
===============  =====================================================================
"""

from __future__ import annotations

from collections.abc import Sequence

from potable.checkers.accounting import AccountingChecker
from potable.checkers.dates import DatesChecker
from potable.checkers.drift import DriftChecker
from potable.checkers.identifiers import IdentifiersChecker
from potable.checkers.json_schema import JsonSchemaChecker
from potable.checkers.keys import KeysChecker
from potable.checkers.links import LinksChecker
from potable.checkers.numbers import NumbersChecker
from potable.checkers.relaxng import RelaxngChecker
from potable.checkers.rows import RowsChecker
from potable.checkers.rules import RulesChecker
from potable.checkers.schema import SchemaChecker
from potable.checkers.schematron import SchematronChecker
from potable.checkers.spreadsheet import SpreadsheetChecker
from potable.checkers.text import TextChecker
from potable.checkers.xsd import XsdChecker
from potable.engine.checker import Checker
from potable.engine.hookspecs import hookimpl

__version__ = "0.1.0"

potable_api = 1


@hookimpl
def potable_checkers() -> Sequence[type[Checker]]:
    """The checkers of this distribution. What is heavy is imported when a run asks for it."""
    return [
        SchemaChecker,
        JsonSchemaChecker,
        XsdChecker,
        RelaxngChecker,
        SchematronChecker,
        KeysChecker,
        RulesChecker,
        TextChecker,
        RowsChecker,
        SpreadsheetChecker,
        DatesChecker,
        NumbersChecker,
        IdentifiersChecker,
        LinksChecker,
        DriftChecker,
        AccountingChecker,
    ]  # fmt: skip
