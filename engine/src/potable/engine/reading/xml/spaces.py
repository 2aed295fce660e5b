"""Which namespaces the elements of a part are in: their names may stay as they are while these change."""

from __future__ import annotations

from itertools import islice

from potable.engine.reading.xml.markup import element_names
from potable.engine.reading.xml.piece import Piece
from potable.engine.reading.xml.values import name_of

_LOOKED_AT = 1 << 17
"""So many bytes tell it: they have a record or more."""
_MOST = 200
"""Further names aren't kept, nor very long ones."""
_LONGEST = 200


def namespaces(head: bytes, doctype: bytes) -> dict[str, list[str]]:
    """The names of elements, as spelt, by the namespace that they are in ("" for none), in the order of the document
    where there are namespaces.

    :param head: the part's text from its root on. :param doctype: what it declares of attributes.
    """
    head = head[:_LOOKED_AT]
    found: dict[tuple[str, str], None] = {}
    if b"xmlns" in head or b"xmlns" in doctype:
        root, _ = Piece(data=head, doctype=doctype).start()
        for element in () if root is None else root.iter():
            tag = str(element.tag)
            uri = tag[1:].partition("}")[0] if tag.startswith("{") else ""
            found[uri[:_LONGEST], name_of(element)] = None
    else:
        found = dict.fromkeys(("", name) for name in sorted(element_names(head)))
    out: dict[str, list[str]] = {}
    for uri, name in islice((pair for pair in found if len(pair[1]) <= _LONGEST), _MOST):
        out.setdefault(uri, []).append(name)
    return out
