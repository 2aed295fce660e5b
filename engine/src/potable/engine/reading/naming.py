"""Columns by their names: canonical paths, and what is wrong with a table's header."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from potable.engine.findings import Code, Location, Occurrence, Severity
from potable.engine.lazyregex import lazy_regex
from potable.engine.paths import column_path

_MADE_UP = {
    "U": ("pandas", lazy_regex(r"Unnamed: [0-9]+(?:[._][\w.]+)?")),
    "_": ("pandas", lazy_regex(r"__index_level_[0-9]+__")),
    ".": ("R's tibble", lazy_regex(r"\.\.\.[0-9]+")),
    "?": ("PostgreSQL", lazy_regex(r"\?column\?")),
    "(": ("SQL Server", lazy_regex(r"\(No column name\)")),
}
"""What programs call a column without a name, by its first character."""


def column_paths(names: Sequence[str]) -> tuple[str, ...]:
    """Canonical paths for the names of a header: trimmed where that name is free, equal ones numbered."""
    spelled = set(names)
    seen: Counter[str] = Counter()
    paths = []
    for name in names:
        trimmed = name.strip()
        if trimmed != name and trimmed and trimmed in spelled:
            trimmed = name
        seen[trimmed] += 1
        paths.append(column_path(trimmed, seen[trimmed]))
    return tuple(paths)


def column_index(names: Sequence[str], paths: Sequence[str]) -> dict[str, int]:
    """Column number by path, from 0; under the spelling with surrounding whitespace too."""
    index = {path: i for i, path in enumerate(paths)}
    for i, name in enumerate(names):
        index.setdefault(column_path(name), i)
    return index


def numbered(width: int) -> tuple[str, ...]:
    """Names for the columns of a table without a header."""
    return tuple(f"column{i}" for i in range(1, width + 1))


def name_faults(
    family: str, names: Sequence[str], paths: Sequence[str], place: Callable[[int], Location]
) -> Iterator[Occurrence]:
    """What is wrong with the names of a header: ``blank-header``, ``made-up-header``, ``header-whitespace``,
    ``duplicate-header``.

    :param family: the codes' first part.
    :param place: that of a column's name, by its number from 1.
    """
    first_of: dict[str, int] = {}
    for number, (name, path) in enumerate(zip(names, paths, strict=True), 1):
        if not name.strip():
            near = f" (behind {names[number - 2]!r})" if number > 1 else ""
            yield Occurrence(
                f"{family}/blank-header",
                f"column {number} has no name{near}",
                path,
                location=place(number),
                details={"column": number},
            )
            continue
        program = _made_up_by(name.strip())
        if program is not None:
            yield Occurrence(
                f"{family}/made-up-header",
                f"column {number} is called {name.strip()!r}, as {program} calls a column without a name",
                path,
                value=name,
                location=place(number),
                details={"column": number},
            )
        if name != name.strip():
            yield Occurrence(
                f"{family}/header-whitespace",
                f"the name of column {number} has whitespace around it: {name!r}",
                path,
                value=name,
                location=place(number),
                details={"column": number},
            )
        earlier = first_of.setdefault(name.strip(), number)
        if path.endswith("]"):  # numbered
            yield Occurrence(
                f"{family}/duplicate-header",
                f"column {number} has the name of column {earlier}, {name.strip()!r}",
                path,
                value=name,
                location=place(number),
                details={"column": number},
            )


def _made_up_by(name: str) -> str | None:
    program, pattern = _MADE_UP.get(name[0], (None, None))
    return program if pattern is not None and pattern.fullmatch(name) else None


def names_differ(
    family: str, this: tuple[Sequence[str], Sequence[str]], first: tuple[Sequence[str], Sequence[str]],
    files: tuple[str, str], place: Location,
) -> Occurrence | None:  # fmt: skip
    """How a part's columns differ from the first part's, whatever their order: ``header-differs``.

    :param this: names and paths of the part's columns.
    :param first: those of the first part.
    :param files: names of both parts.
    """
    lacking = {p: n for n, p in zip(*first, strict=True) if p not in this[1]}
    extra = {p: n for n, p in zip(*this, strict=True) if p not in first[1]}
    if not lacking and not extra:
        return None
    names = [*lacking.values()], [*extra.values()]
    told = [f"lacks {_some(names[0])}"] * bool(lacking) + [f"has {_some(names[1])} besides"] * bool(extra)
    return Occurrence(
        f"{family}/header-differs",
        f"{files[0]} {' and '.join(told)}, compared with {files[1]}",
        location=place,
        details={"lacking": names[0][:20], "extra": names[1][:20]},
        explains=(*lacking, *extra),
    )


def _some(names: list[str]) -> str:
    shown = ", ".join(repr(n[:60]) for n in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"


def made_up_code(family: str, explained_by: tuple[str, ...] = ()) -> Code:
    """The code of a column that a program has named, for a format of tables.

    :param explained_by: codes that explain what is wrong with the names of a header.
    """
    return Code(
        id=f"{family}/made-up-header",
        severity=Severity.WARNING,
        title="Column that a program has named",
        meaning="A column is called as programs call one that has no name: Unnamed: 0 or __index_level_0__ "
        "(pandas), ...1 (R's tibble), ?column? (PostgreSQL), (No column name) (SQL Server).",
        why="Most often it's none of the data but the numbers of rows, written by accident; they change from export "
        "to export. Else it's a value whose meaning nobody knows.",
        example="Unnamed: 0,name,age\n0,HeLa,70",
        mend="Leave the rows' numbers out where the table is written, by index=False in pandas; name a column that is "
        "meant, in a query by AS.",
        misses="Names that people give, too: X of R, Column1 of spreadsheets, index.",
        suppressed_by=explained_by,
    )


def name_codes(family: str, explained_by: tuple[str, ...] = ()) -> tuple[Code, ...]:
    """The codes of :func:`name_faults` and :func:`names_differ`, for a format of tables other than text.

    :param explained_by: codes that explain what is wrong with the names of a header.
    """
    return (
        Code(
            id=f"{family}/blank-header",
            severity=Severity.ERROR,
            title="Column without a name",
            meaning="A column's name is empty, or nothing but whitespace.",
            why="The column can't be addressed, and a reader that skips it moves all columns right of it.",
            example="id | | age",
            mend="Name the column, or remove it.",
            suppressed_by=explained_by,
        ),
        made_up_code(family, explained_by),
        Code(
            id=f"{family}/duplicate-header",
            severity=Severity.ERROR,
            title="Two columns of one name",
            meaning="A column has the name of an earlier one. The first is the field; the others are $.'name'[2] and "
            "so on.",
            why="Readers keep only one of the two, and not the same one.",
            example="id | name | name",
            mend="Rename or remove one of the columns.",
            suppressed_by=explained_by,
        ),
        Code(
            id=f"{family}/header-whitespace",
            severity=Severity.WARNING,
            title="Whitespace around a column's name",
            meaning="A column's name starts or ends with whitespace. The field is known by the name without it, unless "
            "another column has that name; the spelling with it is understood too.",
            why="A definition that names the column without the blank doesn't find it in other readers.",
            example='"id" | " name"',
            mend="Remove the whitespace from the name.",
            suppressed_by=explained_by,
        ),
        Code(
            id=f"{family}/header-differs",
            severity=Severity.ERROR,
            title="File with other columns",
            meaning="A file of the source hasn't the columns of its first file. Columns are matched by name: those "
            "that it lacks are absent in its records, those that only it has are left out.",
            why="Files of one source are meant to have one shape; a renamed column empties a field in a part of the "
            "records.",
            example="the first file: id | name   the second: id | title",
            mend="Give all files the same columns, or keep the odd file out by filenamePattern.",
        ),
    )
