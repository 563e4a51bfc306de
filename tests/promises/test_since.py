"""Rendering what can differ since a revision gives what rendering everything gives, whatever was edited."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import generator.pipeline.explaining.findings  # noqa: F401  before the folder that it takes from sides is another
from generator.pipeline import output, sides
from generator.revision import NoRevision
from generator.write import read
from tests.conftest import REPOSITORY, examples
from tests.fleets import SMALL
from tests.repositories import committed, git

Edit = Callable[[Path], None]
OWN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own, namespace: default}\ndata:\n"


def replaced(path: str, old: str, new: str) -> Edit:
    """The first such text of a file, where it still stands."""

    def edit(root: Path) -> None:
        file = root / path
        if file.exists():
            file.write_text(file.read_text().replace(old, new, 1))

    return edit


def removed(path: str) -> Edit:
    return lambda root: (root / path).unlink(missing_ok=True)


def written(path: str, text: str) -> Edit:
    def edit(root: Path) -> None:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)

    return edit


def renamed(old: str, new: str) -> Edit:
    """A tenant under another name."""

    def edit(root: Path) -> None:
        file = root / f"tenants/{old}.yaml"
        if file.exists():
            (root / f"tenants/{new}.yaml").write_text(file.read_text().replace(old, new))
            file.unlink()

    return edit


def moved(old: str, new: str) -> Edit:
    def edit(root: Path) -> None:
        if (root / old).exists():
            (root / new).parent.mkdir(parents=True, exist_ok=True)
            (root / old).rename(root / new)

    return edit


def own_partial(root: Path) -> None:
    text = (REPOSITORY / "generator/templates/partials/sync-policy.yaml").read_text()
    written("templates/partials/sync-policy.yaml", f"{text}# ours\n")(root)


def namespaces_of_ours(root: Path) -> None:
    text = (REPOSITORY / "generator/templates/tenant/tenancy/namespace.yaml").read_text()
    written("templates/tenant/tenancy/namespace.yaml", f"{text}---\n{OWN}  tenant: {{{{ tenant.name }}}}\n")(root)


EDITS: tuple[Edit, ...] = (
    replaced("tenants/anvil.yaml", "title: Anvil Ltd", "title: Anvil and Sons"),
    replaced("tenants/anvil.yaml", "max: 12", "max: 14"),
    replaced("tenants/anvil.yaml", "    - {cluster: south-1, role: standby}\n", ""),
    replaced("tenants/birch.yaml", "state: active", "state: suspended"),
    replaced("tenants/cedar.yaml", "state: active", "state: offboarding"),
    replaced("tenants/cedar.yaml", "state: active", "state: offboarded"),
    replaced("tenants/cedar.yaml", "tier: bronze", "tier: silver"),
    replaced("tenants/cedar.yaml", "cluster: south-1", "cluster: north-1"),
    replaced("tenants/cedar.yaml", "cluster: south-1", "cluster: north-staging"),
    replaced("tenants/cedar.yaml", "platform: tiny\n  tier: bronze", "platform: other\n  tier: silver"),
    replaced("tenants/cedar.yaml", "spec:\n", "# only a comment\nspec:\n"),
    removed("tenants/cedar.yaml"),
    renamed("cedar", "cypress"),
    moved("tenants/anvil.yaml", "tenants/deep/anvil.yaml"),
    replaced("policies/tiers/gold.yaml", "priority: 3000", "priority: 3100"),
    replaced("policies/tiers/silver.yaml", "limits: {cpu: 1000m", "limits: {cpu: 1500m"),
    replaced("regions/north.yaml", "state: active", "state: failed"),
    replaced("regions/south.yaml", "state: active", "state: failed"),
    replaced("regions/north.yaml", "north-1.lb.example.com", "north-2.lb.example.com"),
    replaced("platforms/tiny.yaml", "tag: 1.0.0", "tag: 1.0.1"),
    replaced("platforms/tiny.yaml", "team: tiny", "team: small"),
    replaced("fleet.yaml", "trustedProxies: 2", "trustedProxies: 3"),
    replaced("fleet.yaml", "minimumFactor: 1.5", "minimumFactor: 2.5"),
    written(
        "templates/cluster/own.yaml", OWN + "  names: {{ assignments | map(attribute='tenant.title') | join(' ') }}\n"
    ),
    written("templates/cluster/own.yaml", OWN + "  names: {{ fleet.tenants | map(attribute='state') | join(' ') }}\n"),
    written("templates/platform/own.yaml", OWN + "  all: {{ fleet.kubernetes | length }}\n"),
    removed("templates/cluster/own.yaml"),
    own_partial,
    namespaces_of_ours,
    replaced("rendered/south-1/bootstrap.yaml", "kind", "sort"),
    removed("rendered/west-1/bootstrap.yaml"),
    written("rendered/nobody/asked.yaml", "for: this\n"),
    lambda root: shutil.rmtree(root / "rendered/north-1/tenants", ignore_errors=True),
)


def start_of(root: Path) -> Path:
    """The small fleet, rendered and committed. git has it packed: of the copies that are made for each example, most
    were folders of single objects."""
    shutil.copytree(SMALL, root, ignore=shutil.ignore_patterns("rendered"))
    commit(root)
    git(root, "gc", "--quiet", "--prune=now")
    return root


def commit(root: Path) -> None:
    rendered = output.render(root, jobs=1)
    assert rendered.tree is not None, rendered.diagnostics
    output.write(root, rendered.tree)
    (root / ".gitignore").write_text(".tenantry\n")
    committed(root)


FEW = (
    "bootstrap.yaml",
    "tenant/record.yaml",
    "tenant/tenancy/namespace.yaml",
    "tenant/tenancy/quota.yaml",
    "argocd/tenant.yaml",
    "cluster/classes.yaml",
    "cluster/policies.yaml",
    "platform/namespaces.yaml",
)


@pytest.fixture(scope="module", autouse=True)
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Some of the program's templates, of every scope, and all partials: loading all of them takes most of the time."""
    folder, whole = tmp_path_factory.mktemp("shipped") / "templates", REPOSITORY / "generator/templates"
    shutil.copytree(whole / "partials", folder / "partials")
    for name in FEW:
        if (whole / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(whole / name, folder / name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(output, "SHIPPED", folder)
        patch.setattr(sides, "SHIPPED", folder)
        yield


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return start_of(tmp_path_factory.mktemp("since") / "fleet")


def since(root: Path, **wanted: frozenset[str]) -> output.Rendered:
    return output.render_part(root, output.Wanted("HEAD", **wanted), jobs=1)


@given(
    before=st.lists(st.sampled_from(range(len(EDITS))), max_size=2),
    after=st.lists(st.sampled_from(range(len(EDITS))), max_size=4),
)
@settings(max_examples=examples(10), deadline=None, suppress_health_check=list(HealthCheck))
def test_it_is_what_rendering_everything_gives(start: Path, before: list[int], after: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "fleet"
        shutil.copytree(start, root)
        for number in before:
            EDITS[number](root)
        if output.render(root, jobs=1).tree is not None:
            commit(root)
        for number in after:
            EDITS[number](root)
        whole, part = output.render(root, jobs=1), since(root)
        assert part.diagnostics == whole.diagnostics
        assert (part.tree is None) == (whole.tree is None)
        if part.tree is None or whole.tree is None:
            return
        differences = output.compare(root, whole.tree)
        assert output.compare(root, part.tree, part.part) == differences
        assert output.write(root, part.tree, part.part) == differences
        assert dict(read(root / "rendered")[0].files) == dict(whole.tree.files)
        assert not (root / "rendered" / "nobody").exists()


def test_one_tenants_edit_renders_that_tenant_alone(start: Path, tmp_path: Path) -> None:
    root = tmp_path / "fleet"
    shutil.copytree(start, root)
    EDITS[0](root)
    rendered = since(root)
    assert rendered.tree is not None
    assert rendered.tree.files
    assert all("anvil" in path for path in rendered.tree.files)


def test_a_part_is_what_was_asked_for(start: Path, tmp_path: Path) -> None:
    root = tmp_path / "fleet"
    shutil.copytree(start, root)
    EDITS[0](root)
    EDITS[19](root)
    rendered = since(root, tenants=frozenset(["anvil"]), clusters=frozenset(["south-1"]))
    assert rendered.part
    assert all(path.startswith("south-1/") and "anvil" in path for path in rendered.part)


def test_a_base_with_errors_or_without_output_has_everything_rendered(tmp_path: Path) -> None:
    root = start_of(tmp_path / "fleet")
    everything = output.render(root, jobs=1).tree
    assert everything is not None
    git(root, "rm", "-r", "--quiet", "rendered")
    git(root, "commit", "--quiet", "--message", "no output")
    rendered = since(root)
    assert (rendered.tree, rendered.part, rendered.whole) == (everything, None, "HEAD has no rendered/")
    replaced("tenants/cedar.yaml", "tier: bronze", "tier: bronce")(root)
    git(root, "commit", "--all", "--quiet", "--message", "broken")
    replaced("tenants/cedar.yaml", "tier: bronce", "tier: bronze")(root)
    rendered = since(root)
    assert (rendered.tree, rendered.part, rendered.whole) == (everything, None, "HEAD has errors")


def test_a_shallow_clone_says_what_it_needs(start: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    shutil.copytree(start, source)
    first = git(source, "rev-parse", "HEAD")
    git(source, "commit", "--quiet", "--allow-empty", "--message", "later")
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", "--depth", "1", source.as_uri(), str(clone))
    with pytest.raises(NoRevision, match="fetch-depth: 0"):
        output.render_part(clone, output.Wanted(first), jobs=1)
    assert since(clone).part == frozenset()
