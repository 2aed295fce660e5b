"""What authors of plugins may use of the engine besides its contracts: helpers that Potable's own checkers are made of.

All of it is loaded on first use. Members may be added; none changes its meaning within ``potable_api = 1``.

=================== ================================================================================================
``ByteStream``      a part's bytes, decompressed and hashed while they're read
``pointer_of``      the JSON Pointer of a path of names and numbers; ``escape``: a name as a token of one; ``unescape``
``likely``          the known names that a name may have been meant to be; ``slip``: the one it hardly differs from
``decode``          a definition's file as text; ``load_documents``: as YAML or JSON with the line of each member
``from_mapping``    a source definition from a mapping of native names
``guess``           how a file is probably read, by its name
``lazy_regex``      a regular expression for a module's constants, compiled when it's first used
``plainly_sound``   whether a regular expression is so plain that it needn't be compiled to know that it's sound
``literal``         a text as a part of a message's template that shows it as it is, braces and all
``Quoting``         how values may be quoted, by the definition's ``values``
``find``            the nodes of an XML record that a field path names; ``Names`` are those that its file has
``record_object``   an XML record as an object; ``scalar`` and ``attribute_name``: as fields have them
``inert``           text from data, made harmless to show on a terminal
``element_names``   the elements that start in a piece of XML; ``start_tags``: where
=================== ================================================================================================
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from potable.engine.definition.document import decode
    from potable.engine.definition.linked import load_documents
    from potable.engine.definition.parse import from_mapping
    from potable.engine.errors import likely, slip
    from potable.engine.guess import guess
    from potable.engine.lazyregex import lazy_regex
    from potable.engine.paths.pointer import escape, pointer_of, unescape
    from potable.engine.plainregex import plainly_sound
    from potable.engine.quoting import Quoting, literal
    from potable.engine.reading.streams import ByteStream
    from potable.engine.reading.xml.find import find
    from potable.engine.reading.xml.markup import element_names, start_tags
    from potable.engine.reading.xml.names import Names
    from potable.engine.reading.xml.values import attribute_name, record_object, scalar
    from potable.engine.reporting.inert import inert

_HOME = {
    "decode": "definition.document",
    "load_documents": "definition.linked",
    "from_mapping": "definition.parse",
    **dict.fromkeys(("likely", "slip"), "errors"),
    "guess": "guess",
    "lazy_regex": "lazyregex",
    **dict.fromkeys(("escape", "pointer_of", "unescape"), "paths.pointer"),
    "plainly_sound": "plainregex",
    **dict.fromkeys(("Quoting", "literal"), "quoting"),
    "ByteStream": "reading.streams",
    "find": "reading.xml.find",
    **dict.fromkeys(("element_names", "start_tags"), "reading.xml.markup"),
    "Names": "reading.xml.names",
    **dict.fromkeys(("attribute_name", "record_object", "scalar"), "reading.xml.values"),
    "inert": "reporting.inert",
}

__all__ = [
    "ByteStream",
    "Names",
    "Quoting",
    "attribute_name",
    "decode",
    "element_names",
    "escape",
    "find",
    "from_mapping",
    "guess",
    "inert",
    "lazy_regex",
    "likely",
    "literal",
    "load_documents",
    "plainly_sound",
    "pointer_of",
    "record_object",
    "scalar",
    "slip",
    "start_tags",
    "unescape",
]


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"potable.engine.{home}"), name)
