"""render → check → publish: rendered output on its branches.

The records of the branches say which commit they were rendered from, by which program and of which inputs. Where that
is still known and the same, only what differs since is rendered, and only the clusters that it touches are checked:
no finding in one cluster depends on another.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from generator.diagnostics import Diagnostic, has_errors, in_order
from generator.installed import program
from generator.pipeline.batch import uncollected
from generator.pipeline.checks import checked_tree, contracts_of, schemas_changed
from generator.pipeline.inputs import CRDS, RENDERED, TEMPLATES
from generator.pipeline.output import Rendered, jobs_for
from generator.pipeline.stamped import Publishable, Stamped, without_tenants
from generator.workers import in_parallel

if TYPE_CHECKING:
    from generator.model.fleet import Fleet
    from generator.model.tree import Tree
    from generator.publish import Base, Outcome, Output, Request, Spool, Spooled
    from generator.render import Reach, Side, Work

_FILES_A_TASK: Final = 5_000
"""Fewer files are read in about the time that it takes to fork a process."""


class Where(Struct, frozen=True):
    """Which branches to publish to. What is None is as fleet.yaml has it."""

    repository: str | None = None
    branch: str | None = None
    per_environment: bool | None = None


class Published(Struct, frozen=True):
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
    from generator.publish import Request, publish_made, spool
    from generator.publish.origin import ask_source

    inputs = Publishable(root)
    # What is read before git is asked, git sees if no commit holds it. Own templates are read last.
    asked = None if (root / TEMPLATES).exists() else ask_source(Request(root, "", ""))
    seen = inputs.seen(whole=full)
    if seen.side is None:
        with suppress(OSError):  # there is enough to say
            _ = asked() if asked is not None else None
        return Published(None, seen.diagnostics)
    source = (asked or ask_source(Request(root, "", "")))()
    request, found = _request(root, seen.side.fleet, where, dry_run=dry_run), seen.diagnostics
    del seen  # so that it can be let go
    making = _Making(root, inputs, request, spool(), today, jobs, progress, full)
    outcome = publish_made(making.make, request, source)
    diagnostics = in_order([*found, *outcome.diagnostics])
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


class _Making(Struct):
    """Makes the output for a publish, and remembers it while the base stays the same."""

    root: Path
    inputs: Publishable
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
            self._output = self._since(base)
        except _Whole as why:
            self.whole = str(why)
            self._output = self._everything()
        return self._output

    def _everything(self) -> Output:
        from generator.model.tree import Tree
        from generator.publish import Output
        from generator.render import everything

        ready = self.inputs.whole()[0]
        if ready.side is None:
            return Output(Tree({}), ready.diagnostics)
        after = self.inputs.stamped(ready, ready.side)
        made, found = self._render(everything(after.side), after.side)
        self.rendered = self.files = len(made)
        tree = self._tree(made)
        # From here on only cells and policies count; checking needs the room.
        del ready, made
        self.inputs.let_go()
        after = replace(after, side=replace(after.side, fleet=without_tenants(after.side.fleet)))
        return self._checked(after, tree, found, None, tree)

    def _since(self, base: Base) -> Output:
        """What the change since the base reaches. Raises _Whole."""
        from generator.revision import NoRevision

        commit = base.source[:12]
        if any(stamp.program != program() for stamp in base.stamps.values()):
            raise _Whole(f"the program is another than the one that published {commit}")
        try:
            narrow = self.inputs.since(base.source)
            if narrow is not None:
                return self._part(base, *narrow)
        except (NoRevision, _Whole):
            pass  # all tenants may be needed to tell; what then still stands in the way is said
        ready = self.inputs.whole()[0]
        if ready.side is None:
            raise _Whole("the inputs have errors")
        try:
            before = self.inputs.wholly_since(base.source)
        except NoRevision as error:
            raise _Whole(str(error)) from error
        if before is None:
            raise _Whole(f"{commit} has errors")
        return self._part(base, before, self.inputs.stamped(ready, ready.side))

    def _part(self, base: Base, before: Stamped, after: Stamped) -> Output:
        """What differs between two sides. Raises _Whole."""
        from generator.render import path_of, reach

        self._must_be_what_was_published(base, before, after)
        difference = reach(before.side, after.side)
        part = frozenset(path for work in (*difference.before, *difference.after) for path in path_of(work))
        touched = self._touched(base, before.side.fleet, after.side.fleet, difference)
        made, found = self._render(difference.after, after.side)
        self.rendered, self.files = len(made), base.files
        looked_at = self._with_rest(base, after.side, made, part, touched)
        return self._checked(after, self._tree(made), found, part, looked_at)

    def _must_be_what_was_published(self, base: Base, before: Stamped, after: Stamped) -> None:
        """Raises _Whole when the inputs of the base are not what was rendered, or there is more between then and now
        than the inputs."""
        inputs = self._inputs(before)
        if any(stamp.inputs != inputs.get(branch) for branch, stamp in base.stamps.items()):
            raise _Whole(f"what was published is not what {base.source[:12]} holds")
        if self.request.per_environment is not None:
            then, now = _environments(before.side.fleet), _environments(after.side.fleet)
            moved = sorted(name for name in then.keys() & now.keys() if then[name] != now[name])
            if moved:
                raise _Whole(f"cell '{moved[0]}' goes to another branch")

    def _touched(self, base: Base, old: Fleet, new: Fleet, difference: Reach) -> set[str]:
        """The clusters in which another finding can be. Raises _Whole when it can be in any."""
        from generator.revision import NoRevision

        if new.known != old.known:
            raise _Whole("what is known by baseline.yaml has changed")
        if any(each.until < self.today for each in new.known):
            raise _Whole("an entry of baseline.yaml has expired")
        try:
            schemas = schemas_changed(self.root, base.source)
        except NoRevision as error:
            raise _Whole(str(error)) from error
        if schemas:
            raise _Whole(f"{CRDS}/ has changed since {base.source[:12]}")
        then, now = old.kubernetes, new.kubernetes
        touched = {work.subject.words["cluster"] for work in (*difference.before, *difference.after)}
        return {name for name in now if name in touched or then.get(name) != now[name]}

    def _with_rest(
        self, base: Base, side: Side, made: Mapping[str, Spooled], part: frozenset[str], clusters: Collection[str]
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
            more, _ = self._render(owners((), everything(side), missing), side)
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

    def _render(self, works: Iterable[Work], side: Side) -> tuple[dict[str, Spooled], tuple[Diagnostic, ...]]:
        """The files of some works: where they are in the spool."""
        from generator.render import render_each

        works = tuple(works)
        jobs = jobs_for(len(works), self.jobs)
        return render_each(works, side.templates, self.spool.take, jobs, self.progress)

    def _tree(self, places: Mapping[str, Spooled]) -> Tree:
        from generator.model.tree import Tree

        return Tree(self.spool.held(places))

    def _checked(
        self, after: Stamped, tree: Tree, found: tuple[Diagnostic, ...], part: frozenset[str] | None, looked_at: Tree
    ) -> Output:
        """An output that the checks let pass, or their findings."""
        from generator.publish import Output

        if not has_errors(found):
            checked = checked_tree(
                after.side.fleet, looked_at, contracts_of(self.root), self.today, jobs=self.jobs
            ).diagnostics
            found = in_order([*found, *(checked if has_errors(checked) else ())])
        return Output(tree, found, part, program(), self._inputs(after))

    def _inputs(self, stamped: Stamped) -> dict[str, str]:
        """By branch, a digest of what was read and of which clusters go there."""
        clusters: dict[str, list[str]] = {}
        for name, environment in sorted(_environments(stamped.side.fleet).items()):
            branch = self.request.branch
            of = branch if self.request.per_environment is None else f"{branch}/{environment}"
            clusters.setdefault(of, []).append(name)
        return {
            branch: hashlib.sha256(f"{stamped.read}\n{' '.join(names)}".encode()).hexdigest()
            for branch, names in clusters.items()
        }


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - a Path for each file of a cell costs more
            return file.read()
    except OSError:
        return None
