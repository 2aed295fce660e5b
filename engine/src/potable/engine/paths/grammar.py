"""Reading a field path, character by character, so that a fault has a column and a mend."""

from __future__ import annotations

from potable.engine.lazyregex import lazy_regex
from potable.engine.paths.steps import BARE, Child, Filter, Index, PathError, Step, Wildcard, quoted, render

_BLANK = " \t\r\n"
_NUMBER = lazy_regex(r"-?(?:0|[1-9][0-9]*)")
_INTEGER_LIMIT = 2**53 - 1  # RFC 9535: the range of I-JSON


def parse(text: str) -> tuple[Step, ...]:
    """The steps of ``text``; raises :class:`PathError`."""
    if not text:
        raise PathError("the path is empty: write a column name or a path such as $.name", 1)
    if not text.startswith("$"):
        return (Child(text),)
    return _Parser(text).path()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def path(self) -> tuple[Step, ...]:
        text = self.text
        self.at = 1
        if len(text) == 1:
            raise self.error("the path names no field: write $.name", 1)
        if text[1] not in ".[":
            mend = f"write $.{text[1:]}" if BARE.fullmatch(text[1:]) else "a path starts with '$.'"
            raise self.error(
                f"'$' is followed by {_shown(text[1])}: {mend}, or $.{quoted(text)} for a column of that name"
            )
        steps: list[Step] = []
        while self.at < len(text):
            steps.append(self.step(tuple(steps)))
        return tuple(steps)

    def step(self, before: tuple[Step, ...]) -> Step:
        char = self.peek()
        if char == "[":
            return self.bracket(deep=False)
        if char != ".":
            raise self.stray(before)
        deep = self.text.startswith("..", self.at)
        self.at += 2 if deep else 1
        char = self.peek()
        if char == "[" and deep:
            return self.bracket(deep=True)
        if char == "'":
            return Child(self.quoted_text(), deep)
        if char == "":
            raise self.error("the path ends with a dot: a name must follow")
        if char == "*":
            raise self.error("'*' stands only in brackets: write [*]")
        if char == '"':
            raise self.error("names are quoted with single quotes, not double ones")
        match = BARE.match(self.text, self.at)
        if match is None:
            raise self.no_name()
        start, self.at = self.at, match.end()
        if self.peek() not in ("", ".", "["):
            raise self.name_breaks_off(before, start, deep)
        return Child(match.group(), deep)

    def bracket(self, *, deep: bool) -> Step:
        opened = self.at
        self.at += 1
        self.blanks()
        char = self.peek()
        step: Step
        if char == "*":
            self.at += 1
            step = Wildcard(deep)
        elif char == "?":
            self.at += 1
            step = self.filter(deep)
        elif match := _NUMBER.match(self.text, self.at):
            digits = match.group()
            if digits == "-0" or len(digits) > 17 or abs(int(digits)) > _INTEGER_LIMIT:
                raise self.error(f"{digits[:20]} is no array index")
            self.at = match.end()
            step = Index(int(digits), deep)
        elif char in ("'", '"'):
            raise self.error("a name doesn't stand in brackets: write $.'name'")
        elif char == "":
            raise self.error("the bracket isn't closed", opened + 1)
        else:
            raise self.error("a bracket holds a number, '*' or a filter [?(@.'field'='value')]")
        self.blanks()
        self.expect("]", "the bracket isn't closed: ']' must follow")
        return step

    def filter(self, deep: bool) -> Filter:
        form = "a filter is written [?(@.'field'='value')]"
        self.blanks()
        parenthesis = self.peek() == "("
        if parenthesis:
            self.at += 1
            self.blanks()
        self.expect("@", form)
        names = []
        while self.peek() == ".":
            self.at += 1
            if self.peek() == "'":
                names.append(self.quoted_text())
            elif match := BARE.match(self.text, self.at):
                names.append(match.group())
                self.at = match.end()
            else:
                raise self.error(f"a field's name must follow; {form}")
        if not names:
            raise self.error(f"'.' and a field's name must follow; {form}")
        self.blanks()
        self.expect("=", f"'=' must follow; {form}")
        if self.peek() == "=":
            self.at += 1
        self.blanks()
        if self.peek() != "'":
            raise self.error(f"a text in single quotes must follow; {form}")
        value = self.quoted_text()
        self.blanks()
        if parenthesis:
            self.expect(")", f"')' must follow; {form}")
        return Filter(tuple(names), value, deep)

    def quoted_text(self) -> str:
        opened = self.at
        self.at += 1
        out: list[str] = []
        while True:
            char = self.peek()
            if char == "":
                raise self.error("the quote isn't closed: a single quote inside a name is written \\'", opened + 1)
            self.at += 1
            if char == "'":
                return "".join(out)
            if char == "\\":
                char = self.peek()
                if char == "" or char not in "'\\":
                    raise self.error(
                        "a backslash in quotes stands before ' or \\ only: write \\\\ for a backslash", self.at
                    )
                self.at += 1
            out.append(char)

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in _BLANK:
            self.at += 1

    def expect(self, char: str, reason: str) -> None:
        if self.peek() != char:
            raise self.error(reason)
        self.at += 1

    def error(self, reason: str, column: int | None = None, hint: str = "") -> PathError:
        return PathError(reason, self.at + 1 if column is None else column, hint)

    def no_name(self) -> PathError:
        char = self.peek()
        if char == "." and self.text[self.at - 2 : self.at] == "..":
            return self.error("three dots: write '.' for a member, '..' for one at any depth")
        if char in _BLANK:
            return self.error("a blank where a name must stand: take it away, or put the name in single quotes")
        end = self.segment_end(self.at)
        mend = (
            f"write {self.text[: self.at]}{quoted(self.text[self.at : end])}" if end > self.at else "a name must follow"
        )
        return self.error(f"{_shown(char)} can't stand in a bare name: {mend}")

    def stray(self, before: tuple[Step, ...]) -> PathError:
        """Something follows a closing quote or bracket."""
        if not self.text[self.at :].strip(_BLANK):
            return self.error("blanks at the end of the path: take them away", hint=_old_system(before))
        return self.error(f"{_shown(self.peek())} where '.', '[' or the end must be", hint=_old_system(before))

    def name_breaks_off(self, before: tuple[Step, ...], start: int, deep: bool) -> PathError:
        """A bare name is followed by a character that no bare name has."""
        read = Child(BARE.match(self.text, start).group().partition(":")[0], deep)  # type: ignore[union-attr]
        hint = _old_system((*before, read))
        if not self.text[self.at :].strip(_BLANK):
            return self.error("blanks at the end of the path: take them away", hint=hint)
        mend = _in_quotes(self.text, start, self.segment_end(start))
        return self.error(f"{_shown(self.peek())} ends the bare name: {mend}", hint=hint)

    def segment_end(self, start: int) -> int:
        """Where the name that starts there was probably meant to end."""
        ends = [i for i in (self.text.find(".", start), self.text.find("[", start)) if i >= 0]
        return min(ends, default=len(self.text))


def _in_quotes(text: str, start: int, end: int) -> str:
    mended = text[:start] + quoted(text[start:end])
    return f"write {mended}" if len(mended) <= 200 else "put the name in single quotes"


def _shown(char: str) -> str:
    return {" ": "a blank", "\t": "a tab", "\n": "a line break", "'": "a single quote"}.get(char, repr(char))


def _old_system(read: tuple[Step, ...]) -> str:
    return f"The old system silently read {render(read)} and left off the rest"
