"""What a path finds in a JSON-like value (``dict``, ``list``, scalars)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from potable.engine.paths.pointer import escape
from potable.engine.paths.steps import Child, Filter, Index, Step, Wildcard

Node = tuple[Any, str]
"""A value and the JSON Pointer (RFC 6901) that leads to it."""

Stage = Callable[[Iterable[Node]], Iterator[Node]]


def compile_steps(steps: tuple[Step, ...]) -> tuple[Stage, ...]:
    """Each step as a function from nodes to nodes."""
    return tuple(map(_stage, steps))


def _stage(step: Step) -> Stage:
    match step:
        case Child(name):
            select = _child(name)
        case Index(number):
            select = _index(number)
        case Wildcard():
            select = _children
        case Filter(names, value):
            select = _filter(names, value)

    def shallow(nodes: Iterable[Node]) -> Iterator[Node]:
        for node in nodes:
            yield from select(node)

    def deep(nodes: Iterable[Node]) -> Iterator[Node]:
        for node in nodes:
            for inner in _descendants(node):
                yield from select(inner)

    return deep if step.deep else shallow


Select = Callable[[Node], Iterable[Node]]


def _child(name: str) -> Select:
    token = "/" + escape(name)

    def select(node: Node) -> Iterable[Node]:
        value, pointer = node
        if isinstance(value, dict) and name in value:
            return ((value[name], pointer + token),)
        return ()

    return select


def _index(number: int) -> Select:
    def select(node: Node) -> Iterable[Node]:
        value, pointer = node
        if isinstance(value, list) and -len(value) <= number < len(value):
            return ((value[number], f"{pointer}/{number % len(value)}"),)
        return ()

    return select


def _children(node: Node) -> Iterator[Node]:
    value, pointer = node
    if isinstance(value, dict):
        for name, inner in value.items():
            yield inner, f"{pointer}/{escape(name)}"
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield inner, f"{pointer}/{i}"


def _filter(names: tuple[str, ...], text: str) -> Select:
    def holds(value: Any) -> bool:
        for name in names:
            if not isinstance(value, dict) or name not in value:
                return False
            value = value[name]
        return bool(value == text)

    return lambda node: (inner for inner in _children(node) if holds(inner[0]))


def _descendants(node: Node) -> Iterator[Node]:
    """``node`` and all below it, a parent before its children. No recursion: a record may be deep."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node[0], (dict, list)):
            stack.extend(reversed(list(_children(node))))
