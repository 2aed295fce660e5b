"""Regular expressions that are compiled when they're first used."""

import copy
import pickle
import re

import pytest

from potable.engine.lazyregex import lazy_regex


def test_it_does_what_a_compiled_one_does() -> None:
    words = r"(?P<first>[a-z]+)(?:-([a-z]+))?"
    lazy, compiled = lazy_regex(words, re.IGNORECASE), re.compile(words, re.IGNORECASE)
    text = "Hot-dog, dog"
    assert [m.groups() for m in lazy.finditer(text)] == [m.groups() for m in compiled.finditer(text)]
    for name in ("match", "fullmatch", "search"):
        assert str(getattr(lazy, name)(text)) == str(getattr(compiled, name)(text))
    for name in ("findall", "split"):
        assert getattr(lazy, name)(text) == getattr(compiled, name)(text)
    for name in ("sub", "subn"):
        assert getattr(lazy, name)("x", text) == getattr(compiled, name)("x", text)
    for name in ("pattern", "flags", "groups", "groupindex"):
        assert getattr(lazy, name) == getattr(compiled, name)
    assert lazy.match(text, 1).start() == 1  # type: ignore[union-attr] # it matches
    assert lazy_regex(b"[0-9]+").fullmatch(b"12")


def test_it_can_be_copied_and_pickled_before_and_after_its_use() -> None:
    lazy = lazy_regex("a+", re.IGNORECASE)
    for _ in range(2):
        for other in (copy.copy(lazy), copy.deepcopy(lazy), pickle.loads(pickle.dumps(lazy))):
            assert other.fullmatch("aA")
        assert lazy.fullmatch("AA")


def test_an_unsound_one_is_told_at_its_first_use() -> None:
    lazy = lazy_regex("(")
    with pytest.raises(re.error, match="missing"):
        lazy.match("")
    with pytest.raises(AttributeError, match="no member 'matches'"):
        lazy.matches  # type: ignore[attr-defined] # noqa: B018 - that it's none is what's tried
