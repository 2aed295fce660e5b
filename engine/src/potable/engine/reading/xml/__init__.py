"""XML: records inside a document, and the items of RSS and Atom feeds.

:mod:`cutter` finds the records in the bytes and cuts between them; :mod:`piece` makes each stretch a document of its
own, with the elements around it opened before and closed behind, and has lxml prove it well-formed. :mod:`plan` says
which values go into which columns, :mod:`walk` puts them there. :mod:`values` says what the value of an element is,
:mod:`find` what a field path finds in a record.
"""

from potable.engine.reading.xml.format import XmlReader

__all__ = ["XmlReader"]
