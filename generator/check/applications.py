"""Whether every Application may do what its files ask, and every file belongs to exactly one Application."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from generator.check.charts import sources
from generator.check.fields import field, listed, mapping, string
from generator.check.findings import finding, made_by
from generator.check.index import Index
from generator.check.kinds import namespaced
from generator.check.objects import Reading, Rendered
from generator.check.projects import Refusals, destinations, permits_destination, permits_source
from generator.diagnostics import Code, Diagnostic, Related, Severity, did_you_mean, listing
from generator.source import Pointer

NO_FILES: Final = Code(
    "CHK060",
    "an Application's path holds no files",
    "Argo CD reports an error, or removes everything that the path held before.",
)
NO_PROJECT: Final = Code(
    "CHK061",
    "an Application's project is not rendered",
    "Argo CD refuses the Application, and nothing of it is synced.",
)
SOURCE: Final = Code(
    "CHK062",
    "a project does not permit an Application's repository",
    "Argo CD refuses the Application, and nothing of it is synced.",
)
DESTINATION: Final = Code(
    "CHK063",
    "a project does not permit a namespace that an Application writes to",
    "Argo CD fails the sync of the whole Application.",
)
KIND: Final = Code(
    "CHK064",
    "a project does not permit a kind that its Application holds",
    "Argo CD fails the sync of the whole Application.",
)
ORPHAN: Final = Code(
    "CHK065",
    "no Application syncs a rendered file",
    "It is reviewed and committed, and never reaches the cluster.",
)
SHARED: Final = Code(
    "CHK066",
    "several Applications sync one rendered file",
    "They fight over its objects, and pruning one deletes the other's.",
)
TOO_LARGE: Final = Code(
    "CHK067",
    "an Application's files are too large together",
    "Argo CD refuses manifests over 10 MB, and its repository server slows down long before.",
)
PATTERN: Final = Code(
    "CHK069",
    "an Application picks its files by pattern",
    "Which files it syncs could not be checked.",
)
SIZE_LIMIT: Final = 3_000_000
"""Bytes. Argo CD's own limit is 10 MB (docs: operator-manual/security); growth must not be an outage."""

_GROUP: Final = "argoproj.io"


def check(index: Index) -> Iterator[Diagnostic]:
    """Every Application of the cluster, and then every file."""
    inside, below = _folders(index)
    owners: dict[str, list[Rendered]] = {}
    alike: dict[str, dict[tuple[str, str, bool], str]] = {}
    for application in index.of(_GROUP, "Application"):
        name = string(application.data, "spec", "project")
        project = index.get(_GROUP, "AppProject", application.namespace, name)
        if project is None:
            yield _no_project(index, application, name)
        else:
            yield from _permitted(project, application)
        refusals = Refusals(project, alike) if project is not None else None
        permitted: dict[str, bool] = {}
        fine: set[tuple[str, str, str]] = set()
        size = 0
        for at, source in sources(application):
            if string(source, "chart") or "path" not in source:
                continue
            if field(source, "directory", "include") or field(source, "directory", "exclude"):
                yield _pattern(application, at)
            path = string(source, "path").strip("/").removeprefix("./")
            recursive = field(source, "directory", "recurse") is True
            files = (below if recursive else inside).get(path, [])
            if not files:
                yield _no_files(application, (*at, "path"), path, below, recursive=recursive)
            for reading in files:
                owners.setdefault(reading.file.path, []).append(application)
                size += len(reading.file.body)
                if project is not None and refusals is not None:
                    yield from _contents(project, refusals, permitted, fine, application, reading)
        if size > SIZE_LIMIT:
            yield _too_large(application, size)
    yield from _ownership(index, owners)


def _folders(index: Index) -> tuple[dict[str, list[Reading]], dict[str, list[Reading]]]:
    """Files by the folder they stand in, and by every folder they stand somewhere below."""
    inside: dict[str, list[Reading]] = {}
    below: dict[str, list[Reading]] = {}
    for reading in index.readings:
        folder = reading.file.path.rpartition("/")[0]
        inside.setdefault(folder, []).append(reading)
        while folder:
            below.setdefault(folder, []).append(reading)
            folder = folder.rpartition("/")[0]
    return inside, below


def _permitted(project: Rendered, application: Rendered) -> Iterator[Diagnostic]:
    for at, source in sources(application):
        repository = string(source, "repoURL")
        if not permits_source(project, repository):
            yield finding(
                SOURCE,
                application,
                (*at, "repoURL"),
                f"{project.label} does not permit this repository",
                found=repository,
                expected=listing(listed(project.data, "spec", "sourceRepos")) or "no repository",
                hint="add the repository to the project's sourceRepos",
                related=_project(project, "sourceRepos"),
            )
    destination = mapping(application.data, "spec", "destination")
    namespace = string(destination, "namespace")
    if not permits_destination(project, destination, namespace):
        yield _destination(project, application, ("spec", "destination"), application, namespace)


def _contents(
    project: Rendered,
    refusals: Refusals,
    permitted: dict[str, bool],
    fine: set[tuple[str, str, str]],
    application: Rendered,
    reading: Reading,
) -> Iterator[Diagnostic]:
    """What an Application's file asks of its project. `permitted` are the namespaces that were looked at before, `fine`
    the kinds in namespaces that it may hold whatever they are called."""
    destination: Any = mapping(application.data, "spec", "destination")
    own = string(destination, "namespace")
    for namespace in {own, *(rendered.namespace for rendered in reading.objects)} - permitted.keys():
        permitted[namespace] = permits_destination(project, destination, namespace)
    writes = permitted[own]
    for rendered in reading.objects:
        namespace = rendered.namespace
        alike = (rendered.group, rendered.kind, namespace)
        if alike in fine:
            continue
        if part := refusals.of(rendered):
            yield finding(
                KIND,
                rendered,
                ("kind",),
                f"{project.label} does not permit {rendered.kind}, and {application.label} holds one",
                found=f"{rendered.kind} ({rendered.group or 'core'})",
                hint=f"move the object to an Application of the platform, or change the project's {part}",
                related=_project(project, part),
            )
        elif (
            writes
            and rendered.namespace
            and namespaced(rendered.group, rendered.kind, rendered.namespace)
            and not permitted[namespace]
        ):
            yield _destination(project, rendered, ("metadata", "namespace"), application, rendered.namespace)
        elif not refusals.by_name:
            fine.add(alike)


def _destination(
    project: Rendered, rendered: Rendered, at: Pointer, application: Rendered, namespace: str
) -> Diagnostic:
    return finding(
        DESTINATION,
        rendered,
        at,
        f"{project.label} does not permit {application.label} to write here",
        found=namespace or "no namespace",
        expected=listing(destinations(project)) or "no destination at all",
        hint="add the namespace to the project's destinations, or move the object to another Application",
        related=_project(project, "destinations"),
        key=rendered is application,
    )


def _project(project: Rendered, part: str) -> tuple[Related, ...]:
    return (Related(f"the project's {part}", project.locate(("spec", part), key=True)),)


def _no_project(index: Index, application: Rendered, name: str) -> Diagnostic:
    known = index.names(_GROUP, "AppProject", application.namespace)
    return finding(
        NO_PROJECT,
        application,
        ("spec", "project"),
        f"no AppProject {name or 'of no name'} is rendered in {index.cluster}",
        found=name,
        expected=listing(known) or "an AppProject",
        hint=did_you_mean(name, known) or "render the AppProject beside the Application",
    )


def _no_files(
    application: Rendered, at: Pointer, path: str, below: dict[str, list[Reading]], *, recursive: bool
) -> Diagnostic:
    deeper = not recursive and path in below
    return finding(
        NO_FILES,
        application,
        at,
        f"no rendered file stands in {path or 'an empty path'}",
        found=path,
        expected="a folder of this cluster's output with files in it",
        hint=(
            "set directory.recurse: the files are in sub-folders"
            if deeper
            else did_you_mean(path, below) or "render no Application where there is nothing to sync"
        ),
    )


def _pattern(application: Rendered, at: Pointer) -> Diagnostic:
    return finding(
        PATTERN,
        application,
        (*at, "directory"),
        "directory.include and directory.exclude are not evaluated here",
        hint="put the files into a folder of their own",
        key=True,
        severity=Severity.WARNING,
    )


def _too_large(application: Rendered, size: int) -> Diagnostic:
    return finding(
        TOO_LARGE,
        application,
        ("metadata", "name"),
        f"the files of {application.label} are too large together",
        found=f"{size:,} bytes",
        expected=f"at most {SIZE_LIMIT:,} bytes",
        hint="split the Application by folder",
    )


def _ownership(index: Index, owners: dict[str, list[Rendered]]) -> Iterator[Diagnostic]:
    for reading in index.readings:
        path = reading.file.path
        of = owners.get(path, [])
        if path == f"{index.cluster}/bootstrap.yaml":
            continue
        if not of:
            yield Diagnostic(
                code=ORPHAN,
                severity=Severity.ERROR,
                message="no Application of this cluster syncs this file",
                location=reading.file.whole(),
                expected="the path of exactly one Application",
                related=made_by(reading.file),
                hint="move the file into a folder that an Application names, or render an Application for the folder",
            )
        elif len(of) > 1:
            yield Diagnostic(
                code=SHARED,
                severity=Severity.ERROR,
                message=f"{len(of)} Applications of this cluster sync this file",
                location=reading.file.whole(),
                expected="the path of exactly one Application",
                related=tuple(
                    Related(application.label, application.locate(("spec",), key=True)) for application in of
                ),
                hint="narrow the path of one Application, or take directory.recurse out of it",
            )
