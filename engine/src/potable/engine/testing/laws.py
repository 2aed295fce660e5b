"""The parts of the contract that can be looked at one by one: what a checker declares, and what it leaves alone."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from potable.engine.checker import EACH_FIELD, Checker, DocumentCheck, FileCheck, Fold, Rule
from potable.engine.contracts.history import History, Summary
from potable.engine.contracts.reading import Chunk
from potable.engine.definition.model import SourceDefinition
from potable.engine.errors import slip, told_of_checker
from potable.engine.findings import Occurrence, Tally
from potable.engine.handed import each
from potable.engine.paths import FieldPath
from potable.engine.plugins.classes import InvalidPlugin, check_class, own_codes
from potable.engine.quoting import strange

_STAGES = ("check_definition", "check_access", "files", "rules", "documents", "folds", "check_history")
_ASIDE = ("skip_reason", "inputs")
Make = Callable[[], Checker]
Chunks = Callable[[], list[Chunk]]


@contextmanager
def stage(checker: type[Checker], what: str, skipped: str = "") -> Iterator[None]:
    """Say whose failure it is, and where: AssertionError instead of whatever is raised.

    :param skipped: see :func:`skipping`.
    """
    try:
        yield
    except AssertionError:
        raise
    except Exception as e:
        raise AssertionError(f"{_name(checker)}: {what} raised {told_of_checker(e)}{skipped}") from e


def skipping(made: Checker, source: SourceDefinition) -> str:
    """What to add to a failure where a run would skip the checker, and which options it wasn't given; "" elsewhere."""
    reason = made.skip_reason(source)
    if reason is None:
        return ""
    absent = [name for name in made.options_schema.get("properties", {}) if name not in made.options]
    asked = f"; not given: {', '.join(absent)}" if absent else ""
    return f". A run would skip it ({reason}): give it options or a source with which it has something to do{asked}"


def check_declaration(checker: type[Checker]) -> None:
    """Its name, its codes, the schema of its options, and that it has a stage, none of them misspelt."""
    from jsonschema import Draft202012Validator  # heavy
    from jsonschema.exceptions import SchemaError

    name = getattr(checker, "name", None)
    assert isinstance(name, str), f"{checker.__name__} has no name"
    try:
        check_class(checker)
        codes = own_codes(Checker, checker)
    except InvalidPlugin as e:
        raise AssertionError(str(e)) from None
    for code in codes:
        for part in ("title", "meaning", "why", "example", "mend"):
            assert getattr(code, part).strip(), f"code {code.id} has no {part}"
    try:
        Draft202012Validator.check_schema(checker.options_schema)
    except SchemaError as e:
        raise AssertionError(f"{name}: options_schema isn't a JSON Schema: {e.message}") from None
    own = [stage for stage in (*_STAGES, *_ASIDE) if getattr(checker, stage) is not getattr(Checker, stage)]
    for other in sorted(n for n in set(dir(checker)).difference(dir(Checker)) if not n.startswith("_")):
        meant = slip(other, {*_STAGES, *_ASIDE}.difference(own)) if callable(getattr(checker, other)) else None
        assert meant is None, f"{name}: nobody calls {other}; it seems that {meant} is meant"
    assert set(_STAGES).intersection(own), (
        f"{name} has no stage, so it checks nothing: give it one of {', '.join(_STAGES)}"
    )


def check_defaults(checker: type[Checker], made: Checker) -> None:
    """The options, as defaults complete them, fit their schema."""
    from jsonschema import Draft202012Validator  # heavy

    for e in Draft202012Validator(checker.options_schema).iter_errors(dict(made.options)):
        where = "/".join(map(str, e.absolute_path))
        raise AssertionError(f"{checker.name}: a default of options_schema doesn't fit it, at {where!r}: {e.message}")


def check_stages(checker: type[Checker], make: Make, source: SourceDefinition) -> None:
    """What each stage gives: declared codes, messages whose placeholders are fields; the definition stays as it is."""
    declared = {code.id for code in checker.codes}
    before = copy.deepcopy(source)

    def known(ids: Iterable[str], where: str) -> None:
        for code in ids:
            assert code in declared, f"{checker.name}: {where} gives the code {code}, which it doesn't declare"

    made = make()
    with stage(checker, "skip_reason"):
        skipped = skipping(made, source)
    with stage(checker, "inputs", skipped):
        list(made.inputs(source))
    with stage(checker, "check_definition", skipped):
        # What is wrong with its options may be told by the engine's codes as well.
        told = each(made.check_definition(source), Occurrence, "check_definition", made.check_definition)
        known((o.code for o in told if not o.code.startswith("definition/")), "check_definition")
    check_defaults(checker, made)
    with stage(checker, "rules", skipped):
        several: set[tuple[str, tuple[str, ...], str | None]] = set()
        for rule in each(made.rules(source), Rule, "rules", made.rules):
            known([rule.code], "a rule")
            _check_message(checker, rule)
            called = (rule.code, tuple(rule.fields), rule.id)
            shown = f"{checker.name}: several rules of {rule.code} over {', '.join(rule.fields)} need an id each"
            assert called not in several, shown
            several.add(called)
    with stage(checker, "folds", skipped):
        for fold in each(made.folds(source), Fold, "folds", made.folds):
            for what in ("fields", "codes"):
                text = f"{checker.name}: {what} of the fold {fold.name} is a text; write a tuple of one, with a comma"
                assert not isinstance(getattr(fold, what), str), text
            known(fold.codes, f"the fold {fold.name}")
    with stage(checker, "documents", skipped):
        for check in each(made.documents(source), DocumentCheck, "documents", made.documents):
            known(check.codes, "a check of documents")
    with stage(checker, "files", skipped):
        for whole in each(made.files(source), FileCheck, "files", made.files):
            known(whole.codes, "a check of files")
    with stage(checker, "check_history", skipped):
        said = made.check_history(source, Summary(records=0), History())
        known((o.code for o in each(said, Occurrence, "check_history", made.check_history)), "check_history")
    assert source == before, f"{checker.name} changes the definition, which belongs to all checkers"


def check_history(checker: type[Checker], make: Make, source: SourceDefinition, summary: Summary) -> None:
    """The run beside one that was the same, as a run of tomorrow would be."""
    made, declared = make(), {code.id for code in checker.codes}
    history = History(runs=(replace(summary, run_id="earlier", ended="2024-01-01T00:00:00Z", accepted=True),))
    with stage(checker, "check_history beside an equal run"):
        for said in each(made.check_history(source, summary, history), Occurrence, "check_history", made.check_history):
            undeclared = f"{checker.name}: check_history gives the code {said.code}, which it doesn't declare"
            assert said.code in declared, undeclared


def _check_message(checker: type[Checker], rule: Rule) -> None:
    names = {FieldPath.parse(f).name for f in rule.fields if f != EACH_FIELD}
    _check_template(checker, f"a rule of {rule.code}", rule.message, {"value", "field", *names})


def _check_template(checker: type[Checker], of: str, template: str, known: set[str]) -> None:
    for name, meant in strange(template, frozenset(known)):
        there = ", ".join(f"{{{k}}}" for k in sorted(known))
        ask = f"did you mean {{{meant}}}?" if meant else f"it may name {there}"
        raise AssertionError(f"{checker.name}: the message of {of} names {{{name}}}, which it can't; {ask}")


def check_folds(checker: type[Checker], make: Make, source: SourceDefinition, chunks: Chunks) -> None:
    """States pickle, hold all that a fold has seen, and chunks are left as they are; records are those of the table."""
    most = max((int(chunk.numbers[-1]) for chunk in chunks() if len(chunk.numbers)), default=0)
    for one, other in zip(make().folds(source), make().folds(source), strict=True):
        with stage(checker, f"the fold {one.name}"):
            state = _folded(checker, one, chunks())
        try:
            kept = pickle.loads(pickle.dumps(state))  # noqa: S301 - our own bytes
        except Exception as e:
            raise AssertionError(f"{checker.name}: a state of the fold {one.name} doesn't pickle: {e}") from e
        with stage(checker, f"finish of the fold {one.name}"):
            mine, theirs = one.finish(state), other.finish(kept)
        for said in mine.findings:
            if isinstance(said, Tally):
                _check_tally(checker, said, most)
        for rule in mine.late.rules if mine.late else ():
            _check_message(checker, rule)
        with stage(checker, f"finish of the fold {one.name}"):
            same = (list(mine.findings), dict(mine.metrics)) == (list(theirs.findings), dict(theirs.metrics))
        assert same, (
            f"{checker.name}: the fold {one.name} finds something else when its state is finished by another object: "
            "what it has seen belongs into the state, not into the fold"
        )


def _check_tally(checker: type[Checker], said: Tally, most: int) -> None:
    """Its message, and its records: numbers from 1, ascending, not more than it counts."""
    of = f"a tally of {said.code}"
    if said.message is not None:
        _check_template(checker, of, said.message, {"value"})
    numbers = [int(number) for number in said.records]
    assert numbers == sorted(set(numbers)), f"{checker.name}: the records of {of} aren't ascending, each once"
    assert not numbers or (numbers[0] >= 1 and numbers[-1] <= most), (
        f"{checker.name}: the records of {of} aren't those of the table, which are 1 to {most}; chunk.numbers has them"
    )
    assert len(numbers) <= said.count, f"{checker.name}: {of} counts {said.count} in {len(numbers)} records"


def _folded(checker: type[Checker], fold: Fold[Any], chunks: list[Chunk]) -> Any:
    state = fold.start()
    assert state is not fold.start() or isinstance(state, Hashable), (
        f"{checker.name}: start of the fold {fold.name} gives the same object each time, so that chunks share a state: "
        "make a new one"
    )
    for chunk in chunks:
        frame, numbers = chunk.frame.clone(), chunk.numbers.copy()
        before = state
        state = fold.update(state, chunk)
        lost = f"{checker.name}: update of the fold {fold.name} gives None: return the state"
        assert state is not None or before is None, lost
        same = chunk.frame.equals(frame) and (chunk.numbers == numbers).all()
        assert same, f"{checker.name}: the fold {fold.name} changes the chunk, which belongs to all checkers"
    return state


def check_documents(checker: type[Checker], make: Make, source: SourceDefinition, chunks: Chunks) -> None:
    """Checks of records leave them as they are."""
    for check in make().documents(source):
        for chunk in chunks():
            for _, document in chunk.documents():
                before = copy.deepcopy(document)
                with stage(checker, "a check of documents"):
                    if check.passes is None or not check.passes(document):
                        list(check.check(document))
                assert document == before, f"{checker.name} changes a record, which belongs to all checkers"


def _name(checker: type[Checker]) -> str:
    return str(getattr(checker, "name", checker.__name__))
