"""A run that reads no more tenants than a change touches says and renders what a run over the whole fleet does."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.diagnostics import has_errors
from generator.load import cache, listing
from generator.pipeline import changes, narrow, output, sides, standing
from generator.pipeline.inputs import validate
from generator.write import read
from tests.conftest import examples
from tests.promises.test_since import EDITS, Edit, commit, own_partial, replaced, shipped, start_of

__all__ = ["shipped"]

DOMAINS = """\
  domains:
    verification:
      method: dns_txt_record
      secret: {name: domain-verification, key: token}
      task:
        image:
          repository: registry.example.com/tiny/domain-verifier
          tag: 1.0.0
          digest: sha256:dcbc165087b0f0be1d2d2d2bf0d2a6f4e78a473928e98f038ea3deb9c67deb84
        requests: {cpu: 50m, memory: 64Mi}
        limits: {cpu: 200m, memory: 128Mi}
        attempts: 10
        deadline: 86400
    keySizes: {RSA: 2048, ECDSA: 256}
    renewBeforePercentage: 33
"""
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def planted(name: str, like: str = "cedar", folder: str = "tenants") -> Edit:
    """A further tenant, like one that there is."""

    def edit(root: Path) -> None:
        source = root / f"tenants/{like}.yaml"
        if source.exists():
            (root / folder).mkdir(exist_ok=True)
            (root / folder / f"{name}.yaml").write_text(source.read_text().replace(like, name))

    return edit


ISSUER = "issuer: https://login.{}.example/"
KEYS = "jwks: https://login.{}.example/jwks.json"
AMONG: tuple[Edit, ...] = (
    replaced("tenants/birch.yaml", ISSUER.format("birch"), ISSUER.format("cedar")),
    replaced("tenants/birch.yaml", KEYS.format("birch"), KEYS.format("cedar")),
    replaced("tenants/anvil.yaml", ISSUER.format("anvil"), ISSUER.format("birch")),
    replaced("tenants/anvil.yaml", "  contacts:", "  domains: [{name: shop.example, verified: true}]\n  contacts:"),
    replaced("tenants/cedar.yaml", "  contacts:", "  domains: [{name: SHOP.example, verified: true}]\n  contacts:"),
    replaced("tenants/birch.yaml", "  contacts:", "  domains: [{name: b.example, verified: false}]\n  contacts:"),
    replaced("tenants/birch.yaml", "tier: silver", "tier: silva"),
    replaced("tenants/birch.yaml", "title: Birch Ltd", "title: {Birch: Ltd}"),
    planted("dune"),
    planted("elm"),
    planted("fir"),
    planted("cedar", folder="tenants/deep"),
    planted("gorse", like="anvil"),
    *EDITS[:14],
)
"""Edits of tenants' files alone, among them those by which one gets into the way of another."""


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small fleet with a cell that holds three tenants, and a platform that serves domains."""
    root = start_of(tmp_path_factory.mktemp("narrow") / "fleet")
    replaced("regions/south.yaml", "capacity: {tenants: 20", "capacity: {tenants: 3")(root)
    with (root / "platforms/tiny.yaml").open("a") as platform:
        platform.write(DOMAINS)
    commit(root)
    return root


def seen(root: Path) -> object:
    """All that the three commands say of a fleet."""
    inputs = sides.inspected(root)
    rendered = output.render_part(root, output.Wanted("HEAD"), jobs=1)
    diffed = changes.diff(root, "HEAD", committed=False, when=(NOON, NOON), jobs=1)
    return (
        inputs.files,
        inputs.diagnostics,
        rendered.tree,
        rendered.part,
        rendered.whole,
        rendered.diagnostics,
        diffed,
    )


def compared(root: Path, folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cache, "FEWEST", 0)
        patch.setenv(cache.VARIABLE, "off")
        wanted = seen(root)
        patch.setattr(narrow, "FEWEST_A_PROCESS", 1)
        patch.setattr(os, "cpu_count", lambda: 2)
        assert seen(root) == wanted
        patch.setenv(cache.VARIABLE, str(folder / "cache"))
        assert seen(root) == wanted
        assert seen(root) == wanted


numbers = st.lists(st.integers(0, len(AMONG) - 1), max_size=3, unique=True)


@given(before=numbers, between=numbers, after=numbers, other=st.none() | st.sampled_from(range(len(EDITS))))
@settings(max_examples=examples(8), deadline=None, suppress_health_check=list(HealthCheck))
def test_it_is_what_the_whole_fleet_gives(
    start: Path, before: list[int], between: list[int], after: list[int], other: int | None
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        root = folder / "fleet"
        shutil.copytree(start, root)
        for number in before:
            AMONG[number](root)
        if output.render(root, jobs=1).tree is not None:
            commit(root)
        for number in between:
            AMONG[number](root)
        compared(root, folder)
        for number in after:
            AMONG[number](root)
        if other is not None:
            EDITS[other](root)
        compared(root, folder)


@pytest.fixture
def cached(start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The fleet, with a cache that is used however small it is."""
    monkeypatch.setattr(cache, "FEWEST", 0)
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    root = tmp_path / "fleet"
    shutil.copytree(start, root)
    return root


@pytest.fixture
def known(cached: Path) -> Path:
    """The fleet, read once."""
    assert sides.inspected(cached).others == 0
    return cached


def test_no_more_tenants_are_read_than_are_touched(known: Path) -> None:
    assert sides.inspected(known).others == 3
    EDITS[0](known)
    inputs = sides.inspected(known)
    assert inputs.others == 2
    assert [each.name for each in inputs.documents if each.kind == "Tenant"] == ["anvil"]
    rendered = output.render_part(known, output.Wanted("HEAD"), jobs=1)
    assert rendered.fleet is not None
    assert [each.name for each in rendered.fleet.tenants] == ["anvil"]


def test_what_several_processes_tell_is_what_one_knows(known: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(narrow, "FEWEST_A_PROCESS", 1)
    listed = listing(known)
    by_one = standing.remembered(known, listed)
    for cores in (2, 3):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        told = narrow.survey(listed)
        assert told is not None
        standing.keep(known, listed, told)
        assert standing.remembered(known, listed) == by_one
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert narrow.survey(listed) is None


@pytest.mark.parametrize(
    "edits",
    [(0,), (3, 4), (6,), (7,), (8, 9, 10), (11,)],
    ids=["keys", "domain", "reference", "schema", "capacity", "name"],
)
def test_a_fleet_with_errors_is_not_told_in_parts(
    cached: Path, monkeypatch: pytest.MonkeyPatch, edits: tuple[int, ...]
) -> None:
    for number in edits:
        AMONG[number](cached)
    assert has_errors(validate(cached).diagnostics)
    monkeypatch.setattr(narrow, "FEWEST_A_PROCESS", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert sides.inspected(cached).others == 0
    assert sides.inspected(cached).diagnostics == validate(cached).diagnostics


def test_a_shared_file_that_differs_has_all_of_them_read(known: Path) -> None:
    replaced("fleet.yaml", "trustedProxies: 2", "trustedProxies: 3")(known)
    assert sides.inspected(known).others == 0
    assert sides.inspected(known).others == 3


@pytest.mark.parametrize("edits", [(0,), (3, 4), (8, 9, 10), (11,)], ids=["keys", "domain", "capacity", "name"])
def test_a_tenant_in_the_way_of_another_has_all_of_them_read(known: Path, edits: tuple[int, ...]) -> None:
    *first, last = edits
    for number in first:
        AMONG[number](known)
    sides.inspected(known)
    AMONG[last](known)
    assert sides.inspected(known).others == 0
    assert sides.inspected(known).diagnostics == validate(known).diagnostics


def test_a_template_that_differs_has_all_of_them_read(known: Path) -> None:
    own_partial(known)
    rendered = output.render_part(known, output.Wanted("HEAD"), jobs=1)
    assert rendered.fleet is not None
    assert len(rendered.fleet.tenants) == 3
    before = read(known / "rendered")[0].files
    assert rendered.tree is not None
    assert {path for path, content in rendered.tree.files.items() if before[path] != content} == {
        path for path, content in before.items() if b"syncPolicy" in content
    }


def test_a_template_that_reads_all_tenants_has_all_of_them_read(known: Path) -> None:
    own = known / "templates/cluster/own.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own, namespace: default}\n"
        "data:\n  names: {{ fleet.tenants | map(attribute='title') | join(' ') }}\n"
    )
    rendered = output.render_part(known, output.Wanted("HEAD"), jobs=1)
    assert rendered.fleet is not None
    assert len(rendered.fleet.tenants) == 3
