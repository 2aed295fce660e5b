"""The codes of the ``links`` checker."""

from __future__ import annotations

from potable.checkers.explained import TABLE
from potable.engine.findings import Code, Severity

DEAD = Code(
    id="links/dead",
    severity=Severity.WARNING,
    title="Dead link",
    meaning="A link of the sample leads nowhere: the server says that there's no such page (404, 410), or there's no "
    "such server.",
    why="Whoever follows it finds nothing; many dead links tell that the source isn't kept up.",
    example="homepage\nhttps://example.org/gone        # 404",
    mend="Correct or remove the link at the source.",
    misses="Links outside the sample, and pages that say in their text alone that they're gone. Servers that are slow, "
    "ask for a login, or refuse programs say nothing of a link; such answers are counted in the metrics.",
    suppressed_by=(*TABLE, "identifiers/malformed@field"),
)
REDIRECTED = Code(
    id="links/redirected",
    severity=Severity.WARNING,
    title="Link that leads elsewhere",
    meaning="A link of the sample is redirected to another address.",
    why="The page has moved; redirects are switched off some day, and the link is dead then.",
    example="homepage\nhttp://old.example.org/x        # now https://new.example.org/x",
    mend="Put the new address into the source.",
    misses="Redirects from http to https of the same address, to the same address with a slash or without, into a "
    "folder's start page or a login, and those of resolvers (doi.org, identifiers.org, purl.org), which are there for "
    "that.",
    suppressed_by=(*TABLE, "identifiers/malformed@field"),
)

CODES = (DEAD, REDIRECTED)
