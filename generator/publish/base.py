"""What the branches of a publish hold already, and what is made to stand on top of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct, field

from generator.diagnostics import Diagnostic
from generator.model.tree import Tree
from generator.publish.record import Stamp, stamp_of
from generator.publish.target import State, Target, Tip, listing
from generator.publish.trailers import source_of


class Base(Struct, frozen=True):
    """The branches as one commit of the fleet made them: nobody has touched them since.

    `source` is that commit's full id, `stamps` what each branch was made with. `algorithm` names the digest of blob
    ids. Two bases are equal when every branch has the same last commit.
    """

    source: str
    stamps: Mapping[str, Stamp]
    algorithm: str
    _tips: Mapping[str, Tip]
    _target: Target

    @property
    def files(self) -> int:
        """How many files there are on all branches together."""
        return sum(stamp.files for stamp in self.stamps.values())

    def ids(self, clusters: Collection[str]) -> dict[str, str]:
        """The blob ids of all files of some clusters, by their paths."""
        return {
            path: blob
            for tip in self._tips.values()
            for path, (_, blob) in listing(self._target, tip, clusters).items()
        }


class Output(Struct, frozen=True):
    """What was made for a publish: the files, and for each branch the digests to remember it by (`Stamp`).

    With `part`, only those paths were looked at, and every other file of the branches stays as the base has it; a path
    of the part that is not in the tree is to go. With an error among the diagnostics nothing is published.
    """

    tree: Tree
    diagnostics: tuple[Diagnostic, ...] = ()
    part: frozenset[str] | None = None
    program: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)


def base_of(target: Target, state: State, branches: Iterable[str]) -> Base | str:
    """What all the branches hold, or why that cannot be told from their records; "" when there are no branches yet."""
    if not state.tips:
        return ""
    sources: set[str] = set()
    stamps: dict[str, Stamp] = {}
    for branch in branches:
        tip, record = state.tips.get(branch), state.records.get(branch)
        if tip is None:
            return f"branch '{branch}' is new"
        if record is None:
            return f"branch '{branch}' has no record of what it was rendered from"
        stamp = stamp_of(record, tip.commit)
        if stamp is None:
            return f"the record of branch '{branch}' does not say what its last commit was rendered with"
        stamps[branch] = stamp
        sources.add(source_of(record.message))
    if len(sources) != 1:
        return "the branches were published from different commits"
    tips = {branch: state.tips[branch] for branch in stamps}
    return Base(sources.pop(), stamps, target.algorithm, tips, target)
