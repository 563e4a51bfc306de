"""`tenantry init`: a fleet that passes what its own workflow runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from generator.cli import main
from generator.installed import starter_folder
from generator.pipeline import inputs
from generator.scaffold import PROVIDERS, NewFleet, fleet_files
from tests.conftest import REPOSITORY

WORKFLOW = ".github/workflows/fleet.yaml"


def environment(home: Path) -> dict[str, str]:
    """A shell that finds this environment's tenantry and git knows somebody."""
    identity = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "Reader"), ("EMAIL", "reader@example.com"))
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"HOME": str(home), "PATH": path, "PYTHONPATH": str(REPOSITORY), "RUNNER_TEMP": str(home), **identity}


def shell(folder: Path, script: str, home: Path, **more: str) -> str:
    """What a step prints; it must succeed."""
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**environment(home), **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def begin(folder: Path, *options: str) -> Any:
    return CliRunner().invoke(main, ["init", str(folder), *options])


def steps(folder: Path, job: str) -> dict[str, str]:
    """What the workflow runs in a job, by the names of its steps."""
    workflow = yaml.safe_load((folder / WORKFLOW).read_text(encoding="utf-8"))
    return {step["name"]: step["run"] for step in workflow["jobs"][job]["steps"] if "run" in step}


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_new_fleet_passes_everything_that_its_workflow_runs(provider: str, tmp_path: Path) -> None:
    home, fleet, rendered = tmp_path / "home", tmp_path / "fleet", tmp_path / "rendered.git"
    home.mkdir()
    shell(tmp_path, f"git init --quiet --bare {rendered}", home)
    begun = begin(fleet, "--provider", provider, "--name", "acme-fleet", "--repository", f"file://{rendered}")
    assert begun.exit_code == 0, begun.output
    shell(fleet, "git init --quiet -b main && git add -A && git commit --quiet -m 'Begin'", home)
    base = shell(fleet, "git rev-parse HEAD", home).strip()
    shell(fleet, "sed -i.bak 's/title: First tenant/title: Acme/' tenants/first.yaml && rm tenants/*.bak", home)
    shell(fleet, "tenantry render && git add -A && git commit --quiet -m 'Name the first tenant'", home)
    check = steps(fleet, "check")
    for name, script in check.items():
        if name not in ("Install", "Say so in the pull request"):
            shell(fleet, script, home, BASE=base)
    assert "first" in (home / "review.md").read_text(encoding="utf-8")
    assert "first" in (home / "review.html").read_text(encoding="utf-8")
    (install, publish) = steps(fleet, "publish").values()
    assert install == check["Install"] == f'python -m pip install "tenantry=={metadata.version("tenantry")}"'
    assert "1 branch moved" in shell(fleet, publish, home, RENDERED_TOKEN="token")
    branches = shell(rendered, "git for-each-ref --format='%(refname:short)' refs/heads", home)
    assert branches.split() == ["rendered/production"]


def test_the_workflow_takes_a_release_to_the_next_ring(tmp_path: Path) -> None:
    home, fleet = tmp_path / "home", tmp_path / "fleet"
    home.mkdir()
    assert begin(fleet, "--name", "acme-fleet").exit_code == 0
    platform = fleet / "platforms/web.yaml"
    released = f'      releases: [{{environment: production, ring: canary, tag: "2.0", digest: "sha256:{"a" * 64}"}}]\n'
    platform.write_text(
        platform.read_text(encoding="utf-8").replace("      port: 8080\n", f"{released}      port: 8080\n")
    )
    workflow = yaml.safe_load((fleet / ".github/workflows/promote.yaml").read_text(encoding="utf-8"))
    scripts = {step["name"]: step["run"] for step in workflow["jobs"]["promote"]["steps"] if "run" in step}
    words = {"PLATFORM": "web", "RING": "early", "ENVIRONMENT": "production"}
    assert "early goes from 1.0.0 to 2.0" in shell(fleet, scripts["Take the release to the ring"], home, **words)
    assert "ring: early" in platform.read_text(encoding="utf-8")
    shell(fleet, scripts["Render it"], home)
    assert "objects: " in (home / "promote.txt").read_text(encoding="utf-8")


def test_the_files_are_those_of_the_starter_with_the_names_put_in(tmp_path: Path) -> None:
    wish = NewFleet("acme-fleet", "https://git.example.com/acme/out.git", "gcp", "@acme/platform", "9.8.7")
    files = fleet_files(wish)
    texts = {path: content.decode() for path, content in files.items()}
    assert not [path for path, text in texts.items() if "starter/rendered" in text or '0.0.0"' in text]
    assert "name: acme-fleet\n" in texts["fleet.yaml"]
    assert "repository: https://git.example.com/acme/out.git\n" in texts["fleet.yaml"]
    assert texts[WORKFLOW].count("tenantry==9.8.7") == 2
    assert texts[".github/workflows/promote.yaml"].count("tenantry==9.8.7") == 1
    assert "@acme/platform" in texts[".github/CODEOWNERS"]
    assert [path for path in files if path.startswith("regions/")] == ["regions/europe-west1.yaml"]
    assert [path for path in files if path.startswith("policies/providers/")] == ["policies/providers/gcp.yaml"]
    shipped = {f"policies/admission/{each.name}" for each in (REPOSITORY / "policies" / "admission").iterdir()}
    assert shipped <= set(files)


def test_every_input_file_names_a_schema_that_stands_beside_it(tmp_path: Path) -> None:
    begin(tmp_path / "fleet")
    for path in (tmp_path / "fleet").rglob("*.yaml"):
        below = path.relative_to(tmp_path / "fleet").parts
        if below[0] in ("fleet.yaml", "platforms", "regions", "tenants", "policies") and "admission" not in below:
            first = path.read_text(encoding="utf-8").partition("\n")[0]
            marker, _, schema = first.partition("$schema=")
            assert marker == "# yaml-language-server: "
            assert (path.parent / schema).is_file(), path


def test_editor_settings_name_every_schema(tmp_path: Path) -> None:
    begin(tmp_path / "fleet")
    settings = yaml.safe_load((tmp_path / "fleet" / ".vscode" / "settings.json").read_text(encoding="utf-8"))
    named = {Path(path).name for path in settings["yaml.schemas"]}
    assert named == {path.name for path in (tmp_path / "fleet" / "schemas").iterdir()}


def test_nothing_that_exists_is_written_over(tmp_path: Path, expect: Callable[[Path, str], None]) -> None:
    (tmp_path / "tenants").mkdir()
    (tmp_path / "tenants" / "first.yaml").write_text("mine\n", encoding="utf-8")
    (tmp_path / "fleet.yaml").symlink_to("nowhere")
    refused = begin(tmp_path)
    assert refused.exit_code == 1
    expect(Path(__file__).parent / "in-the-way.expected.txt", refused.output)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fleet.yaml", "tenants"]


def test_a_repository_keeps_its_own_readme(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine\n", encoding="utf-8")
    begun = begin(tmp_path, "--name", "fleet")
    assert begun.exit_code == 0, begun.output
    assert (tmp_path / "README.md").read_text(encoding="utf-8") == "mine\n"
    assert "README.md is kept as it is" in begun.output


def test_a_name_that_no_fleet_may_have_is_a_finding_and_nothing_is_written(
    tmp_path: Path, expect: Callable[[Path, str], None]
) -> None:
    refused = begin(tmp_path / "fleet", "--name", "My Fleet", "--repository", "not a url")
    assert refused.exit_code == 1
    expect(Path(__file__).parent / "bad-names.expected.txt", refused.output)
    assert not (tmp_path / "fleet").exists()


def test_the_starter_itself_is_a_fleet_but_for_the_policies_that_are_shipped() -> None:
    found = inputs.validate(starter_folder()).diagnostics
    assert {each.code.id for each in found} == {"REF001"}
    assert {each.message for each in found} == {f"no provider is named '{name}'" for name in PROVIDERS}
