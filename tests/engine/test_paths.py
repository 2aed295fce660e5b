"""Field paths: grammar, canonical spelling, meaning."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from potable.engine.errors import UsageError
from potable.engine.paths import FieldPath, PathError, canonical, column_path
from potable.engine.paths.steps import Child, Filter, Index, Step, Wildcard

# -- spelling ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("age", "$.age"),
        ("$.age", "$.age"),
        ("$.'age'", "$.age"),
        ("Cell Name", "$.'Cell Name'"),
        ("$.'Cell Name'", "$.'Cell Name'"),
        ("a.b", "$.'a.b'"),
        ("$.a.b", "$.a.b"),
        ("$.dc:title", "$.dc:title"),
        ("$.'dc:title'", "$.dc:title"),
        ("$.'a:'", "$.'a:'"),
        ("$.stock.'@id'", "$.stock.@id"),
        ("$.experiment.id.'_$'", "$.experiment.id.'_$'"),
        ("$.'Stk #'", "$.'Stk #'"),
        (r"$.'it\'s'", r"$.'it\'s'"),
        (r"$.'a\\b'", r"$.'a\\b'"),
        ("it's", r"$.'it\'s'"),
        ("größe", "$.'größe'"),
        ("$..id", "$..id"),
        ("$.a..'b c'", "$.a..'b c'"),
        ("$.a[0].b", "$.a[0].b"),
        ("$.a[-1]", "$.a[-1]"),
        ("$.a[ 0 ]", "$.a[0]"),
        ("$[*].a", "$[*].a"),
        ("$..[*]", "$..[*]"),
        ("$.a[?(@.'f'='v')].b", "$.a[?(@.'f'='v')].b"),
        ("$.a[?(@.f == 'v')].b", "$.a[?(@.'f'='v')].b"),
        ("$.a[?@.f.g=='it\\'s']", "$.a[?(@.'f'.'g'='it\\'s')]"),
        ("$.''", "$.''"),
        ("$.'$price'", "$.'$price'"),
    ],
)
def test_a_path_has_one_spelling(text: str, spelled: str) -> None:
    path = FieldPath.parse(text)
    assert path.canonical == str(path) == canonical(text) == spelled
    assert FieldPath.parse(spelled) == path


@pytest.mark.parametrize(
    ("text", "column", "reason", "hint"),
    [
        ("", 1, "empty", ""),
        ("$", 1, "names no field", ""),
        ("$.", 3, "ends with a dot", ""),
        ("$..", 4, "ends with a dot", ""),
        ("$...a", 4, "three dots", ""),
        ("$..!", 4, "can't stand in a bare name", ""),
        ("$price", 2, "$.'$price'", ""),
        ("$ a", 2, "a blank", ""),
        ("$.Cell Name", 7, "write $.'Cell Name'", "silently read $.Cell "),
        ("$.a.Stk #.b", 8, "write $.a.'Stk #'", "silently read $.a.Stk "),
        ("$.dc:my title", 8, "write $.'dc:my title'", "silently read $.dc "),
        ("$.größe", 5, "write $.'größe'", "silently read $.gr "),
        ("$.id ", 5, "blanks at the end", "silently read $.id "),
        ("$.'id' ", 7, "blanks at the end", "silently read $.id "),
        ("$. id", 3, "a blank where a name", ""),
        ("$.'a'b", 6, "where '.', '[' or the end", "silently read $.a "),
        ("$.a.*", 5, "write [*]", ""),
        ('$."a"', 3, "single quotes", ""),
        ("$['a']", 3, "write $.'name'", ""),
        ("$.'a", 3, "the quote isn't closed", ""),
        (r"$.'a\n'", 5, r"write \\", ""),
        ("$.a[", 4, "isn't closed", ""),
        ("$.a[1", 6, "isn't closed", ""),
        ("$.a[x]", 5, "a number", ""),
        ("$.a[01]", 6, "isn't closed", ""),
        ("$.a[-0]", 5, "no array index", ""),
        ("$.a[99999999999999999999]", 5, "no array index", ""),
        ("$.a[1]b", 7, "where '.', '[' or the end", "silently read $.a[1] "),
        ("$.a[?(@.f=5)]", 11, "single quotes", ""),
        ("$.a[?(f='v')]", 7, "a filter is written", ""),
        ("$.a[?(@='v')]", 8, "field's name", ""),
        ("$.a[?(@.f='v']", 14, "')' must follow", ""),
        ("$.a[?(@.f>'v')]", 10, "'=' must follow", ""),
    ],
)
def test_a_fault_has_its_column_and_its_mend(text: str, column: int, reason: str, hint: str) -> None:
    with pytest.raises(PathError) as caught:
        FieldPath.parse(text)
    assert caught.value.column == column
    assert reason in caught.value.reason
    assert hint in caught.value.hint if hint else caught.value.hint == ""
    assert f"column {column}" in str(caught.value)


def test_a_fault_pickles_and_is_a_usage_error() -> None:
    error = PathError("why", 3, "what")
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(again, UsageError)
    assert (again.reason, again.column, again.hint, str(again)) == ("why", 3, "what", str(error))


def test_the_message_of_a_very_long_path_stays_short() -> None:
    with pytest.raises(PathError) as caught:
        FieldPath.parse("$." + "long name " * 10_000)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("text", "name", "column", "header", "singular"),
    [
        ("$.age", "age", "age", ("age", 1), True),
        ("Cell Name", "Cell Name", "Cell Name", ("Cell Name", 1), True),
        ("$.'a'[2]", "a", None, ("a", 2), True),
        ("$.a[0]", "a", None, None, True),
        ("$.a.b", "b", None, None, True),
        ("$..a", "a", None, None, False),
        ("$.a[*]", "a", None, None, False),
        ("$[*]", "", None, None, False),
    ],
)
def test_what_a_path_tells_of_itself(
    text: str, name: str, column: str | None, header: tuple[str, int] | None, singular: bool
) -> None:
    path = FieldPath.parse(text)
    assert (path.name, path.column, path.header, path.singular) == (name, column, header, singular)


def test_columns_of_equal_headers() -> None:
    assert column_path("age") == "$.age"
    assert column_path("a b") == "$.'a b'"
    assert column_path("a", 2) == "$.'a'[2]" == canonical("$.a[2]")
    assert FieldPath.parse(column_path("a", 3)).header == ("a", 3)


def test_paths_are_compared_by_meaning_and_pickle() -> None:
    path = FieldPath.parse("$.'a'.b")
    assert path.find({"a": {"b": 1}}) == [(1, "/a/b")]  # its compiled form must not be in the way
    again = pickle.loads(pickle.dumps(path))
    assert again == path == FieldPath.parse("$.a.'b'")
    assert hash(again) == hash(path)
    assert again.find({"a": {"b": 1}}) == [(1, "/a/b")]


# -- meaning ----------------------------------------------------------------------------------------------------

DOCUMENT = {
    "id": "1",
    "a/b": {"c~d": 2},
    "list": [{"k": "x", "v": 1}, {"k": "y", "v": 2, "list": [{"k": "x", "v": 3}]}, "x"],
    "null": None,
}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("id", [("1", "/id")]),
        ("$.'a/b'.'c~d'", [(2, "/a~1b/c~0d")]),
        ("$.nothing", []),
        ("$.null", [(None, "/null")]),
        ("$.id.x", []),
        ("$.list.k", []),  # a name means nothing on an array
        ("$.list[0].v", [(1, "/list/0/v")]),
        ("$.list[-1]", [("x", "/list/2")]),
        ("$.list[3]", []),
        ("$.list[-4]", []),
        ("$.id[0]", []),
        ("$.list[*].v", [(1, "/list/0/v"), (2, "/list/1/v")]),
        ("$..v", [(1, "/list/0/v"), (2, "/list/1/v"), (3, "/list/1/list/0/v")]),
        ("$.list[?(@.k='x')].v", [(1, "/list/0/v")]),
        ("$..list[?(@.k='x')].v", [(1, "/list/0/v"), (3, "/list/1/list/0/v")]),
        ("$.'a/b'[*]", [(2, "/a~1b/c~0d")]),
    ],
)
def test_what_a_path_finds(text: str, found: list[tuple[Any, str]]) -> None:
    assert FieldPath.parse(text).find(DOCUMENT) == found


def test_a_filter_compares_texts_only() -> None:
    path = FieldPath.parse("$.a[?(@.n='5')]")
    assert path.find({"a": [{"n": 5}, {"n": "5"}, {"n": True}, {"n": ["5"]}]}) == [({"n": "5"}, "/a/1")]


def test_any_depth_in_a_deep_document_needs_no_recursion() -> None:
    value: Any = {"leaf": 1}
    for _ in range(5000):
        value = {"x": [value]}
    ((found, pointer),) = FieldPath.parse("$..leaf").find(value)
    assert (found, pointer.count("/x/0")) == (1, 5000)


# -- laws -------------------------------------------------------------------------------------------------------

names = st.one_of(
    st.sampled_from(["a", "b", "a b", "dc:t", "@x", "_$", "it's", "\\", "", "$", "ü", "1"]), st.text(max_size=5)
)
keys = st.sampled_from(["a", "b", "a b", "~/"])
texts = st.sampled_from(["", "x", "it's"])


def steps(name: st.SearchStrategy[str]) -> st.SearchStrategy[Step]:
    deep = st.booleans()
    return st.one_of(
        st.builds(Child, name, deep),
        st.builds(Index, st.integers(-3, 3), deep),
        st.builds(Wildcard, deep),
        st.builds(Filter, st.lists(name, min_size=1, max_size=2).map(tuple), texts, deep),
    )


def some_paths(name: st.SearchStrategy[str]) -> st.SearchStrategy[FieldPath]:
    return st.lists(steps(name), min_size=1, max_size=4).map(lambda s: FieldPath(tuple(s)))


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-5, 5), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=12,
)


@given(some_paths(names))
def test_printing_and_parsing_are_inverse(path: FieldPath) -> None:
    assert FieldPath.parse(path.canonical) == path
    assert canonical(path.canonical) == path.canonical


@given(st.text(min_size=1, max_size=20))
def test_any_column_name_has_a_path_of_its_own(name: str) -> None:
    assert FieldPath.parse(column_path(name)).column == name
    if not name.startswith("$"):
        assert canonical(name) == column_path(name)


@given(st.text(alphabet="$.'[]*?()@=ab \\0", max_size=14))
def test_any_text_is_a_path_or_has_a_fault_inside_it(text: str) -> None:
    column = 1
    try:
        path = FieldPath.parse(text)
    except PathError as e:
        column = e.column
    else:
        assert FieldPath.parse(path.canonical) == path
    assert 1 <= column <= len(text) + 1


def below(node: tuple[Any, str]) -> list[tuple[Any, str]]:
    """The children of a value with their pointers, plainly."""
    value, pointer = node
    if isinstance(value, dict):
        return [(v, f"{pointer}/{k.replace('~', '~0').replace('/', '~1')}") for k, v in value.items()]
    if isinstance(value, list):
        return [(v, f"{pointer}/{i}") for i, v in enumerate(value)]
    return []


def everything(node: tuple[Any, str]) -> list[tuple[Any, str]]:
    return [node] + [n for child in below(node) for n in everything(child)]


def reference(path: FieldPath, value: Any) -> list[tuple[Any, str]]:
    """RFC 9535, section 2, as plainly as can be."""
    nodes = [(value, "")]
    for step in path.steps:
        if step.deep:
            nodes = [n for node in nodes for n in everything(node)]
        selected: list[tuple[Any, str]] = []
        for node in nodes:
            children = below(node)
            if isinstance(step, Child):
                keep = isinstance(node[0], dict)
                selected += [c for c, k in zip(children, node[0], strict=True) if k == step.name] if keep else []
            elif isinstance(step, Index):
                size = len(children)
                if isinstance(node[0], list) and -size <= step.number < size:
                    selected.append(children[step.number])
            elif isinstance(step, Wildcard):
                selected += children
            else:
                for child in children:
                    inner: Any = child[0]
                    for name in step.names:
                        inner = inner.get(name) if isinstance(inner, dict) else None
                    if isinstance(inner, str) and inner == step.value:
                        selected.append(child)
        nodes = selected
    return nodes


@given(some_paths(keys), values)
def test_a_path_finds_what_a_plain_evaluator_finds(path: FieldPath, value: Any) -> None:
    assert path.find(value) == reference(path, value)
