"""A fleet's day, row by row: it is made, rendered and checked, one tenant is edited, and it is published."""

from __future__ import annotations

import compileall
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import repository
from benchmarks.fleets import make_fleet
from benchmarks.measure import PROGRAM, REPOSITORY, Cost, Row, cost, total, variables

CALLS = 5
"""Of what takes a few hundredths of a second, the median of so many is taken."""
RENDER, COPY = "render, nothing there", "cp -r of rendered/"
HELP, NOTHING = "help", "python -c pass"
EDIT = (
    ("validate", ("validate",), (0,)),
    ("render --since", ("render", "--since", "HEAD"), (0,)),
    ("check --since", ("check", "--no-kubeconform", "--since", "HEAD"), (0,)),
    ("diff", ("diff", "HEAD"), (0, 1)),
)
"""What the author of an edit and CI wait for: name, words, and the codes with which it may end. A CI job begins with
no cache, and its first command fills it for the others."""


class Day:
    """A fleet of `tenants` below a folder, and the commands that are timed on it. `keep` leaves the copy of what is
    rendered until the folder goes."""

    def __init__(self, folder: Path, tenants: int, *, keep: bool) -> None:
        self.fleet = folder / "fleet"
        self._folder, self._tenants, self._keep = folder, tenants, keep

    def rendered(self) -> Iterator[Row]:
        """From nothing to a fleet that is rendered, checked and committed."""
        compileall.compile_dir(REPOSITORY / "generator", quiet=1)
        make_fleet(self.fleet, self._tenants)
        yield from self._calls()
        yield Row("validate, no cache", self._run("validate"))
        yield Row("validate, cache", self._run("validate"))
        self._forget()
        yield Row(RENDER, self._run("render"))
        yield Row(COPY, cost(["cp", "-r", "rendered", self._folder / "copy"], self.fleet))
        if not self._keep:
            shutil.rmtree(self._folder / "copy")
        yield Row("render --check, cache", self._run("render", "--check"))
        yield Row("render --check, again", self._run("render", "--check"))
        self._forget()
        yield Row("render --check, no cache", self._run("render", "--check"))
        yield Row("check", self._run("check", "--no-kubeconform"))
        yield Row("check, nothing changed", self._run("check", "--no-kubeconform"))
        repository.start(self.fleet)

    def edited(self) -> Iterator[Row]:
        """One tenant gets another title: by four commands, and by the one that does what they do."""
        self._retitle("New")
        for cache in ("cache", "new job", "no cache"):
            rows: list[Row] = []
            for name, words, codes in EDIT:
                if cache == "no cache" or (cache == "new job" and not rows):
                    self._forget()
                rows.append(Row(f"one tenant: {name}, {cache}", self._run(*words, codes=codes)))
                yield rows[-1]
            yield total(f"one tenant: all four, {cache}", rows)
        for cache in ("cache", "no cache"):
            # Another edit each time: what was rendered and found to be sound must not be so already.
            self._retitle("Again")
            if cache == "no cache":
                self._forget()
            yield Row(f"one tenant: review, {cache}", self._run("review", "--no-kubeconform", "HEAD"))
        repository.commit(self.fleet, "One tenant")

    def published(self) -> Iterator[Row]:
        """Everything for the first time, then one tenant's edit."""
        subprocess.run(["git", "init", "--quiet", "--bare", "out.git"], cwd=self._folder, check=True)
        words = ("publish", "--repo", str(self._folder / "out.git"))
        yield Row("publish, the first", self._run(*words))
        self._retitle("Newer")
        self._run("render", "--since", "HEAD")
        repository.commit(self.fleet, "One tenant again")
        yield Row("publish, one tenant", self._run(*words))

    def size(self) -> dict[str, float]:
        """How many files the fleet renders to, and how large they are in MB."""
        rendered = self.fleet / "rendered"
        sizes = [(rendered / path).stat().st_size for path in repository.files(rendered)]
        return {"files": len(sizes), "MB": round(sum(sizes) / 1e6, 1)}

    def bundle(self) -> tuple[dict[str, str], str]:
        """One tenant's rendered files on a cell, by path, and the tenant's name."""
        tenants = sorted((self.fleet / "rendered").glob("*/tenants/*"), key=lambda each: each.name)
        folder = max(tenants[:50], key=lambda each: len(list(each.rglob("*.yaml"))))
        files = {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*.yaml"))}
        return files, folder.name

    def _calls(self) -> Iterator[Row]:
        """What every call costs at least, in turn so that a busy machine slows both."""
        found: dict[str, list[Cost]] = {HELP: [], NOTHING: []}
        for _ in range(CALLS):
            found[HELP].append(self._run("--help"))
            found[NOTHING].append(cost([sys.executable, "-c", "pass"], self.fleet))
        for name, costs in found.items():
            middle = [statistics.median(getattr(each, kind) for each in costs) for kind in ("cpu", "wall", "memory")]
            yield Row(name, Cost(middle[0], middle[1], middle[2], 0))

    def _retitle(self, word: str) -> None:
        """Puts a word before the title of the first active tenant."""
        for file in sorted((self.fleet / "tenants").glob("*/000/*.yaml")):
            text = file.read_text()
            if "  state: active\n" in text:
                file.write_text(text.replace("  title: ", f"  title: {word} ", 1))
                return

    def _run(self, *words: str, codes: tuple[int, ...] = (0,)) -> Cost:
        return cost([*PROGRAM, *words], self.fleet, variables=variables(self._folder), codes=codes)

    def _forget(self) -> None:
        shutil.rmtree(self._folder / "cache", ignore_errors=True)
