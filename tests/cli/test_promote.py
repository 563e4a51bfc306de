"""`tenantry promote`: a release goes from ring to ring, none is skipped, and nothing goes back unasked."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.pipeline import inputs
from tests.cli.conftest import Run

EXPECTED = Path(__file__).parent / "expected" / "promote"
FILE = "platforms/a2z-soc.yaml"
IMAGE = "digest: sha256:6dfb85f6b49e51972bf8ff64b69716a9219e8eb45901289a7ba8d15d6b432e49\n"
NEW = f"sha256:{'a' * 64}"
FREEZE = 'from: "2026-12-18T18:00:00Z"\n      until: "2027-01-04T06:00:00Z"'


def release(ring: str, tag: str, digest: str = NEW) -> str:
    return f"        - {{environment: production, ring: {ring}, tag: {tag}, digest: {digest}}}\n"


@pytest.fixture
def ahead(fleet: Path) -> Path:
    """The example fleet, whose first service has a new release in ring canary."""
    return with_releases(
        fleet, "      # Seen on its own first.\n      releases:  # by ring\n", release("canary", '"99.0"')
    )


def with_releases(fleet: Path, *lines: str) -> Path:
    file = fleet / FILE
    text = file.read_text(encoding="utf-8")
    assert text.count(IMAGE) == 1
    file.write_text(text.replace(IMAGE, IMAGE + "".join(lines)), encoding="utf-8")
    return fleet


def running(fleet: Path) -> dict[str, set[str]]:
    """The rings that run the new release: of tenants with services of their own, and "pooled"."""
    validated = inputs.validate(fleet)
    assert validated.fleet is not None
    assert validated.diagnostics == ()
    found: dict[str, set[str]] = {"pooled": set()}
    for assignment in validated.fleet.assignments:
        if assignment.tenant.platform.name == "a2z-soc" and assignment.workloads:
            found.setdefault(f"{assignment.tenant.ring} in {assignment.cluster.environment}", set()).add(
                assignment.workloads[0].service.image.digest
            )
    for installation in validated.fleet.installations:
        if installation.platform.name == "a2z-soc":
            found["pooled"].add(installation.workloads[0].service.image.digest)
    return found


def new(fleet: Path) -> set[str]:
    return {where for where, digests in running(fleet).items() if NEW in digests}


def test_a_release_reaches_one_ring_after_the_other(ahead: Path, run: Run, expect: Callable[[Path, str], None]) -> None:
    # The first ring to have tenants with services of their own decides what there is to see.
    rings = {name.partition(" ")[0] for name in running(ahead)} - {"pooled"}
    assert {"early", "stable"} <= rings
    assert not any(where.startswith(("early", "stable")) for where in new(ahead))
    early = run("promote", "a2z-soc", "--to", "early")
    assert early.exit_code == 0, early.output
    assert "early in production" in new(ahead)
    assert not any(where.startswith(("stable", "pooled")) for where in new(ahead))
    stable = run("promote", "a2z-soc", "--to", "stable")
    assert stable.exit_code == 0, stable.output
    assert {"early in production", "stable in production", "pooled"} <= new(ahead)
    expect(EXPECTED / "early.txt", early.stdout + without_freeze(early.stderr))
    expect(EXPECTED / "stable.txt", stable.stdout + without_freeze(stable.stderr))


def without_freeze(said: str) -> str:
    """What is said, whenever the tests run."""
    return "".join(line for line in said.splitlines(keepends=True) if not line.startswith("warning: the freeze"))


def test_a_ring_without_a_release_runs_that_of_the_next(ahead: Path, run: Run) -> None:
    assert "canary in production" in running(ahead)
    assert run("promote", "a2z-soc", "--to", "early").exit_code == 0
    text = (ahead / FILE).read_text(encoding="utf-8")
    (ahead / FILE).write_text(text.replace(release("canary", '"99.0"'), ""), encoding="utf-8")
    assert {"canary in production", "early in production"} <= new(ahead)


def test_comments_stay_and_a_dry_run_is_a_patch(ahead: Path, run: Run) -> None:
    before = (ahead / FILE).read_text(encoding="utf-8")
    shown = run("promote", "a2z-soc", "--to", "early", "--dry-run")
    assert (ahead / FILE).read_text(encoding="utf-8") == before
    subprocess.run(["git", "apply", "-"], input=shown.stdout.encode(), cwd=ahead, check=True)
    assert (ahead / FILE).read_text(encoding="utf-8") == before.replace(
        release("canary", '"99.0"'), release("canary", '"99.0"') + release("early", '"99.0"')
    )


def test_a_rollback_takes_a_ring_to_what_the_next_runs(ahead: Path, run: Run) -> None:
    before = (ahead / FILE).read_text(encoding="utf-8")
    assert run("promote", "a2z-soc", "--to", "early").exit_code == 0
    back = run("promote", "a2z-soc", "--to", "early", "--rollback")
    assert back.exit_code == 0, back.output
    assert (ahead / FILE).read_text(encoding="utf-8") == before
    assert run("promote", "a2z-soc", "--to", "canary", "--rollback").exit_code == 0
    text = (ahead / FILE).read_text(encoding="utf-8")
    assert text == before.replace("      releases:  # by ring\n" + release("canary", '"99.0"'), "")
    assert new(ahead) == set()


@pytest.mark.parametrize(
    ("case", "lines", "words"),
    [
        ("skips-a-ring", (release("canary", '"99.0"'),), ("--to", "stable")),
        ("has-nothing-new", (), ("--to", "early")),
        ("is-for-the-first-ring", (), ("--to", "canary")),
        (
            "goes-backward",
            (release("canary", '"98.10"'), release("early", '"99.0"', f"sha256:{'b' * 64}")),
            ("--to", "early"),
        ),
        ("is-of-no-service", (release("canary", '"99.0"'),), ("--to", "early", "--service", "frontent")),
        ("has-nothing-to-take-back", (), ("--to", "early", "--rollback")),
        ("takes-back-the-last-ring", (), ("--to", "stable", "--rollback")),
    ],
)
def test_what_may_not_be_is_refused(
    case: str,
    lines: tuple[str, ...],
    words: tuple[str, ...],
    fleet: Path,
    run: Run,
    expect: Callable[[Path, str], None],
) -> None:
    if lines:
        with_releases(fleet, "      releases:\n", *lines)
    before = (fleet / FILE).read_bytes()
    result = run("promote", "a2z-soc", *words)
    assert (result.exit_code, result.stdout) == (1, "")
    assert (fleet / FILE).read_bytes() == before
    expect(EXPECTED / f"{case}.txt", result.stderr)


def test_a_freeze_is_warned_of(ahead: Path, run: Run) -> None:
    guards = ahead / "policies/guards.yaml"
    text = guards.read_text(encoding="utf-8")
    assert text.count(FREEZE) == 1
    always = 'from: "2020-01-01T00:00:00Z"\n      until: "2999-01-01T00:00:00Z"'
    guards.write_text(text.replace(FREEZE, always), encoding="utf-8")
    result = run("promote", "a2z-soc", "--to", "early")
    assert result.exit_code == 0
    assert "warning: the freeze year-end holds in production until 2999-01-01 00:00 UTC" in result.stderr


def test_two_releases_for_one_ring_are_a_mistake(fleet: Path, run: Run) -> None:
    lines = (release("canary", '"99.0"'), release("canary", '"98.0"'))
    result = run("-C", str(with_releases(fleet, "      releases:\n", *lines)), "validate")
    assert result.exit_code == 1
    assert "error[REF080]" in result.stdout


def test_an_unknown_platform_is_wrong_use(fleet: Path, run: Run) -> None:
    result = run("promote", "a2z-sok", "--to", "early")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no platform 'a2z-sok': did you mean 'a2z-soc'?" in result.stderr
