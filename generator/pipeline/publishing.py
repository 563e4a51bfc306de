"""render → check → publish: rendered output on its branches.

The records of the branches say which commit they were rendered from, by which program and of which inputs. Where that
is still known and the same, only what differs since is rendered, and only the clusters that it touches are checked:
no finding in one cluster depends on another.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.installed import program
from generator.pipeline.batch import uncollected
from generator.pipeline.checks import checked_tree, contracts_of, schemas_changed
from generator.pipeline.inputs import CRDS, RENDERED
from generator.pipeline.output import Rendered, jobs_for
from generator.pipeline.sides import Prepared, committed, now
from generator.workers import in_parallel

if TYPE_CHECKING:
    from generator.model.fleet import Fleet
    from generator.model.tree import Tree
    from generator.publish import Base, Outcome, Output, Request, Spool, Spooled
    from generator.render import Reach, Side, Work
    from generator.resolve import Earlier

_FILES_A_TASK: Final = 5_000
"""Fewer files are read in about the time that it takes to fork a process."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which branches to publish to. What is None is as fleet.yaml has it."""

    repository: str | None = None
    branch: str | None = None
    per_environment: bool | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What came of a publish; `outcome` is None when the inputs have errors.

    `rendered` of `files` were rendered; `whole` says why it was all of them, where that was not to be expected.
    """

    outcome: Outcome | None
    diagnostics: tuple[Diagnostic, ...]
    rendered: int = 0
    files: int = 0
    whole: str = ""


@uncollected()
def publish(
    root: Path,
    where: Where,
    *,
    today: date,
    dry_run: bool = False,
    full: bool = False,
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Published:
    """render → check → publish: puts what the inputs render on its branches, if the checks find no error in it.

    `today` is a day in UTC: what is known until then passes. `full` renders and checks everything, whatever the
    branches' records say.
    """
    from generator.publish import publish_made, spool

    after, earlier = now(root)
    if after.side is None:
        return Published(None, after.diagnostics)
    request = _request(root, after.side.fleet, where, dry_run=dry_run)
    making = _Making(root, after, after.side, earlier, request, spool(), today, jobs, progress, full)
    outcome = publish_made(making.make, request)
    diagnostics = in_order([*after.diagnostics, *outcome.diagnostics])
    return Published(outcome, diagnostics, making.rendered, making.files, making.whole)


def publish_joined(root: Path, rendered: Rendered, where: Where, *, dry_run: bool = False) -> Published:
    """publish: puts output that others have rendered and checked (`join_parts`) on its branches."""
    from generator.publish import publish as publish_tree

    if rendered.fleet is None or rendered.tree is None:
        return Published(None, rendered.diagnostics)
    outcome = publish_tree(rendered.tree, _request(root, rendered.fleet, where, dry_run=dry_run))
    return Published(outcome, in_order([*rendered.diagnostics, *outcome.diagnostics]))


def _request(root: Path, fleet: Fleet, where: Where, *, dry_run: bool) -> Request:
    from generator.publish import Request

    per_environment = fleet.output.per_environment if where.per_environment is None else where.per_environment
    return Request(
        root=root,
        repository=where.repository or fleet.output.repository,
        branch=where.branch or fleet.output.branch,
        per_environment=_environments(fleet) if per_environment else None,
        dry_run=dry_run,
        fleet=fleet.name,
    )


def _environments(fleet: Fleet) -> dict[str, str]:
    return {cluster.name: cluster.environment for cluster in fleet.clusters}


class _Whole(Exception):  # noqa: N818  the way out of a part, not a fault
    """Why a part of the output is not enough."""


@dataclass(slots=True)
class _Making:
    """Makes the output for a publish, and remembers it while the base stays the same."""

    root: Path
    after: Prepared
    side: Side
    earlier: Earlier
    request: Request
    spool: Spool
    today: date
    jobs: int | None
    progress: Callable[[int, int], None] | None
    full: bool
    rendered: int = 0
    files: int = 0
    whole: str = ""
    _base: Base | None = None
    _output: Output | None = None

    def make(self, base: Base | str) -> Output:
        """What differs from the base, or everything."""
        from generator.publish import Base

        found = base if isinstance(base, Base) else None
        if self._output is not None and (self._output.part is None or found == self._base):
            return self._output
        self._base = found
        if found is not None:
            self.spool.algorithm = found.algorithm
        if self.full or isinstance(base, str):
            self.whole = "" if self.full else str(base)
            self._output = self._everything()
            return self._output
        try:
            self._output = self._part(base)
        except _Whole as why:
            self.whole = str(why)
            self._output = self._everything()
        return self._output

    def _everything(self) -> Output:
        from generator.render import everything

        made, found = self._render(everything(self.side))
        self.rendered = self.files = len(made)
        tree = self._tree(made)
        return self._checked(tree, found, None, tree)

    def _part(self, base: Base) -> Output:
        """What the change since the base reaches. Raises _Whole."""
        from generator.render import path_of, reach

        old = self._before(base)
        difference = reach(old, self.side)
        part = frozenset(path for work in (*difference.before, *difference.after) for path in path_of(work))
        made, found = self._render(difference.after)
        self.rendered, self.files = len(made), base.files
        touched = self._touched(base, old, difference)
        return self._checked(self._tree(made), found, part, self._with_rest(base, made, part, touched))

    def _before(self, base: Base) -> Side:
        """The inputs that the branches were rendered from. Raises _Whole when they are not what was rendered, or there
        is more between then and now than the inputs."""
        from generator.load.revision import NoRevision

        commit = base.source[:12]
        if any(stamp.program != program() for stamp in base.stamps.values()):
            raise _Whole(f"the program is another than the one that published {commit}")
        try:
            before = committed(self.root, base.source, self.after, self.earlier)
        except NoRevision as error:
            raise _Whole(str(error)) from error
        if before.side is None:
            raise _Whole(f"{commit} has errors")
        inputs = self._inputs(before, before.side.fleet)
        if any(stamp.inputs != inputs.get(branch) for branch, stamp in base.stamps.items()):
            raise _Whole(f"what was published is not what {commit} holds")
        if self.request.per_environment is not None:
            then, now = _environments(before.side.fleet), _environments(self.side.fleet)
            moved = sorted(name for name in then.keys() & now.keys() if then[name] != now[name])
            if moved:
                raise _Whole(f"cell '{moved[0]}' goes to another branch")
        return before.side

    def _touched(self, base: Base, old: Side, difference: Reach) -> set[str]:
        """The clusters in which another finding can be. Raises _Whole when it can be in any."""
        from generator.load.revision import NoRevision

        known = self.side.fleet.known
        if known != old.fleet.known:
            raise _Whole("what is known by baseline.yaml has changed")
        if any(each.until < self.today for each in known):
            raise _Whole("an entry of baseline.yaml has expired")
        try:
            schemas = schemas_changed(self.root, base.source)
        except NoRevision as error:
            raise _Whole(str(error)) from error
        if schemas:
            raise _Whole(f"{CRDS}/ has changed since {base.source[:12]}")
        then, now = old.fleet.kubernetes, self.side.fleet.kubernetes
        touched = {work.subject.words["cluster"] for work in (*difference.before, *difference.after)}
        return {name for name in now if name in touched or then.get(name) != now[name]}

    def _with_rest(
        self, base: Base, made: Mapping[str, Spooled], part: frozenset[str], clusters: Collection[str]
    ) -> Tree:
        """All files of some clusters: what was rendered, and what the branches have beside it.

        rendered/ has most of them at hand, where it is committed; the others are rendered. Raises _Whole when they
        come out other than the branches have them.
        """
        from generator.render import everything, owners

        wanted = {path: blob for path, blob in base.ids(clusters).items() if path not in part}
        rest = self._at_hand(wanted)
        missing = wanted.keys() - rest.keys()
        if missing:
            more, _ = self._render(owners((), everything(self.side), missing))
            for path in missing:
                if path not in more or more[path].blob != wanted[path]:
                    raise _Whole(f"{path} is not what {base.source[:12]} renders to")
                rest[path] = more[path]
        return self._tree({**rest, **made})

    def _at_hand(self, wanted: Mapping[str, str]) -> dict[str, Spooled]:
        """Those of some files, given with their blob ids, that stand in rendered/ just so."""
        paths = list(wanted)
        size = max(1, min(_FILES_A_TASK, len(paths)))
        batches = [paths[start : start + size] for start in range(0, len(paths), size)]

        def kept(batch: Sequence[str]) -> dict[str, Spooled]:
            read = ((path, _content(f"{self.root}/{RENDERED}/{path}")) for path in batch)
            places = {path: self.spool.take(path, content) for path, content in read if content is not None}
            return {path: place for path, place in places.items() if place.blob == wanted[path]}

        jobs = (os.cpu_count() or 1) if self.jobs is None else self.jobs
        return {path: place for some in in_parallel(kept, batches, jobs) for path, place in some.items()}

    def _render(self, works: Iterable[Work]) -> tuple[dict[str, Spooled], tuple[Diagnostic, ...]]:
        """The files of some works: where they are in the spool."""
        from generator.render import render_each

        works = tuple(works)
        jobs = jobs_for(len(works), self.jobs)
        return render_each(works, self.side.templates, self.spool.take, jobs, self.progress)

    def _tree(self, places: Mapping[str, Spooled]) -> Tree:
        from generator.model.tree import Tree

        return Tree(self.spool.held(places))

    def _checked(
        self, tree: Tree, found: tuple[Diagnostic, ...], part: frozenset[str] | None, looked_at: Tree
    ) -> Output:
        """An output that the checks let pass, or their findings."""
        from generator.publish import Output

        if not has_errors(found):
            checked = checked_tree(
                self.side.fleet, looked_at, contracts_of(self.root), self.today, jobs=self.jobs
            ).diagnostics
            found = in_order([*found, *(checked if has_errors(checked) else ())])
        return Output(tree, found, part, program(), self._inputs(self.after, self.side.fleet))

    def _inputs(self, prepared: Prepared, fleet: Fleet) -> dict[str, str]:
        """By branch, a digest of the inputs and own templates as they were read, and of which clusters go there."""
        digest = hashlib.sha256()
        read = {(document.path, document.blob) for document in prepared.validated.documents}
        for path, blob in sorted(read):
            digest.update(f"{path}\0{blob}\n".encode())
        for path, content in sorted(prepared.own.items()):
            digest.update(f"{path}\0{hashlib.sha256(content).hexdigest()}\n".encode())
        clusters: dict[str, list[str]] = {}
        for name, environment in sorted(_environments(fleet).items()):
            branch = self.request.branch
            of = branch if self.request.per_environment is None else f"{branch}/{environment}"
            clusters.setdefault(of, []).append(name)
        return {
            branch: hashlib.sha256(f"{digest.hexdigest()}\n{' '.join(names)}".encode()).hexdigest()
            for branch, names in clusters.items()
        }


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path for each file of a cell costs more
            return file.read()
    except OSError:
        return None
