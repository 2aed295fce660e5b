"""Fields that stand at another place in the records: inside of something that wasn't there, or no longer inside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from potable.engine.paths import FieldPath
from potable.engine.paths.steps import Child, Step

_JOINTS = (".", "_", "/", "-")
"""What joins the names of a path where nested fields were made flat."""

Steps = tuple[Step, ...]


def moved(gone: Sequence[str], new: Sequence[str]) -> dict[str, str]:
    """What has become of fields that have all moved in one way, by canonical paths; of several ways the commonest.

    :param gone: fields that are gone; :param new: those that are new.
    """
    if len(gone) < 2 or len(new) < 2:
        return {}
    olds, news = ({name: FieldPath.parse(name).steps for name in names} for names in (gone, new))
    shared = _shared([*olds.values(), *news.values()])
    spelt: dict[object, list[tuple[object, str]]] = {}
    for name, steps in news.items():
        for way, key in _spellings(steps[shared:], "new"):
            spelt.setdefault(key, []).append((way, name))
    ways: dict[object, dict[str, str]] = {}
    for name, steps in olds.items():
        for way, key in _spellings(steps[shared:], "old"):
            for other, found in spelt.get(key, ()):
                if (way is None) != (other is None):
                    ways.setdefault(way or other, {}).setdefault(name, found)
    best = max(ways.values(), key=len, default={})
    return best if len(set(best.values())) == len(best) else {}


def _spellings(steps: Steps, side: str) -> Iterator[tuple[object, object]]:
    """What a path may be compared by, and the way in which it would have moved then; None: as it is."""
    yield None, steps
    for n in range(1, len(steps)):
        yield (side, steps[:n]), steps[n:]
    names = [step.name for step in steps if isinstance(step, Child)]
    if len(names) == len(steps) > 1:
        for joint in _JOINTS:
            yield (side, joint), (Child(joint.join(names)),)


def _shared(paths: Sequence[Steps]) -> int:
    """1 where all paths begin with one step, as those of XML do with the record's element."""
    firsts = {steps[:1] for steps in paths}
    return 1 if len(firsts) == 1 and all(len(steps) > 1 for steps in paths) else 0
