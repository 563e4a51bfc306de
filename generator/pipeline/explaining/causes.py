"""load → resolve, many times: which lines of the inputs a value follows, found by changing them.

What is behind a value is defined by what it follows, not by what the code is believed to read: each line is given other
values, the fleet is made again, and what differs then is what the line is behind. Lines are changed by the dozen first,
since most of them change nothing of what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Generic, TypeVar

from msgspec import Struct

from generator.diagnostics import Severity
from generator.load.variants import REMOVED, Leaf, Variants, leaves
from generator.model.document import Document
from generator.model.explanation import Behind, Said
from generator.model.fleet import Fleet
from generator.pipeline.inputs import fleet_of

Key = TypeVar("Key", bound=Hashable)

_TOGETHER: Final = 48
"""How many lines are changed at once at first."""
_ABSENT: Final = object()


class Change(Struct, frozen=True):
    """A line, by its number in the list of those that are tried, and what it says instead."""

    number: int
    value: Any


class Effect(Struct, frozen=True):
    """What a change made of a value; `gone` is whether nothing is in its place any more."""

    change: Change
    became: Any
    gone: bool


class Search(Generic[Key]):
    """Which of some lines are behind some values.

    `view` says what is asked of a fleet: values by key. `documents` are the files that it takes, of `every` file that
    there is. `lines` are tried in their order. `budget` is how many changes are tried at most; `trials` is how many
    were.
    """

    def __init__(
        self,
        documents: Iterable[Document],
        every: Iterable[Document],
        variants: Variants,
        view: Callable[[Fleet], Mapping[Key, Any]],
        lines: Sequence[Leaf],
        budget: int | None = None,
    ) -> None:
        self._every = tuple(every)
        self._documents = tuple(documents)
        self._variants = variants
        self._view = view
        self._lines = lines
        self._budget = budget
        self.trials = 0
        self.baseline: Mapping[Key, Any] = self._seen(self._every)
        self._known = _errors(self._every)
        if self._seen(self._documents) != self.baseline:
            self._documents = self._every
        self.effects: dict[Key, dict[int, Effect]] = {key: {} for key in self.baseline}
        self._stray: dict[Key, dict[int, Effect]] = {key: {} for key in self.baseline}

    def run(self) -> None:
        """Tries all lines, first each with its likeliest other value, then with the next."""
        if not self.baseline:
            return
        offered = [self._variants.of(line) for line in self._lines]
        for rank in range(max(map(len, offered), default=0)):
            left = [
                Change(number, values[rank])
                for number, values in enumerate(offered)
                if rank < len(values) and not self._settled(number)
            ]
            # An item that is taken out moves those behind it, and what has moved something will again: each is tried
            # alone.
            moved = {number for found in self.effects.values() for number in found}
            alone = [change for change in left if change.value is REMOVED or change.number in moved]
            together = [change for change in left if change.value is not REMOVED and change.number not in moved]
            for start in range(0, len(together), _TOGETHER):
                self._probe(together[start : start + _TOGETHER])
            for change in alone:
                self._probe([change])

    def behind(self, key: Key) -> tuple[tuple[Behind, ...], tuple[Behind, ...]]:
        """The lines that a value follows, the most telling first, and those that only decide whether it is there."""
        found = [self._behind(effect) for effect in self.effects[key].values()]
        if all(each.gone for each in found):
            # The only name of its kind: there is no other that it could be changed to.
            only = map(self._behind, self._stray[key].values())
            found += [each for each in only if likeness(each.said.value, self.baseline[key]) == 0]
        found.sort(key=lambda each: telling(each.said, self.baseline[key]))
        return tuple(each for each in found if not each.gone), tuple(each for each in found if each.gone)

    def _behind(self, effect: Effect) -> Behind:
        line, instead = self._lines[effect.change.number], effect.change.value
        said = Said(line.value, line.place)
        return Behind(said, None if instead is REMOVED else instead, effect.became, effect.gone)

    def _settled(self, number: int) -> bool:
        """Whether a line has been seen to move every value that is asked for."""
        return all((effect := found.get(number)) is not None and not effect.gone for found in self.effects.values())

    def _probe(self, changes: Sequence[Change]) -> None:
        """Makes the changes at once; where that changes anything asked, it is halved until the line is known."""
        if self.trials == self._budget:
            return
        self.trials += 1
        after = self._seen(_changed(self._documents, changes, self._lines))
        moved = [key for key, value in self.baseline.items() if after.get(key, _ABSENT) != value]
        if not moved:
            return
        if len(changes) > 1:
            middle = len(changes) // 2
            self._probe(changes[:middle])
            self._probe(changes[middle:])
            return
        stray = False
        if any(key not in after for key in moved):
            # What is named instead may stand in a file that was left out, or nowhere: then the change shows nothing.
            every = _changed(self._every, changes, self._lines)
            after, stray = self._seen(every), not _errors(every) <= self._known
        for key in moved:
            gone = key not in after
            if after.get(key, _ABSENT) == self.baseline[key]:
                continue
            if gone and stray:
                self._stray[key][changes[0].number] = Effect(changes[0], None, gone)
                continue
            known = self.effects[key].get(changes[0].number)
            if known is None or (known.gone and not gone):
                self.effects[key][changes[0].number] = Effect(changes[0], after.get(key), gone)

    def _seen(self, documents: tuple[Document, ...]) -> Mapping[Key, Any]:
        """What is asked, of the fleet that these files make; nothing where they make none."""
        try:
            fleet = fleet_of(documents)[0]
        except LookupError:
            # A name leads to a file that was left out. Whoever finds all gone asks again with every file.
            if len(documents) == len(self._every):
                raise
            return {}
        return self._view(fleet) if fleet is not None else {}


def _changed(documents: tuple[Document, ...], changes: Iterable[Change], lines: Sequence[Leaf]) -> tuple[Document, ...]:
    """The files with the changes made."""
    edited: dict[int, Document] = {}
    for change in changes:
        line = lines[change.number]
        before = edited.get(id(line.document), line.document)
        edited[id(line.document)] = Leaf(before, line.pointer, line.value).with_value(change.value)
    return tuple(edited.get(id(document), document) for document in documents)


def _errors(documents: tuple[Document, ...]) -> set[tuple[str, str]]:
    """What is wrong between files, without the places."""
    found = fleet_of(documents)[1]
    return {(each.code.id, each.message) for each in found if each.severity is Severity.ERROR}


def telling(said: Said, value: Any) -> tuple[int, int, str, int, int]:
    """The order of lines behind a value: those that say it, those that say the most of it, amounts, then choices."""
    like, place = likeness(said.value, value), said.location
    return (like, -len(str(said.value)) if like == 1 else 0, place.path, place.line, place.column)


def likeness(said: Any, value: Any) -> int:
    """How much what a line says looks like a value; 0 is the value itself."""
    if said == value and isinstance(said, bool) == isinstance(value, bool):
        return 0
    if isinstance(said, bool):
        return 3
    texts = str(said), str(value)
    if min(map(len, texts)) > 1 and (texts[0] in texts[1] or texts[1] in texts[0]):
        return 1
    return 2 if isinstance(said, int | float) or str(said)[:1].isdigit() else 3


def lines_of(documents: Iterable[Document]) -> Iterator[Leaf]:
    """All lines of some files that can be tried."""
    for document in documents:
        yield from leaves(document)
