"""What the templates' own text may hold: nothing of a platform, a tenant or a seed's figures, which are inputs."""

from __future__ import annotations

import re

import pytest

from generator.render import load_templates
from tests.conftest import REPOSITORY
from tests.fleets.example import Example

FOLDER = REPOSITORY / "generator" / "templates"
TEMPLATES = {file.relative_to(FOLDER).as_posix(): file.read_text(encoding="utf-8") for file in FOLDER.rglob("*.yaml")}
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def test_every_template_of_the_repository_loads() -> None:
    templates, diagnostics = load_templates([FOLDER])
    assert templates is not None, diagnostics


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_says_at_its_top_what_it_is_for(name: str) -> None:
    assert TEMPLATES[name].lstrip().startswith("{#")


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_names_no_platform_tenant_or_cell_and_none_of_their_domains(name: str, example: Example) -> None:
    fleet = example.fleet
    words = {platform.name for platform in fleet.platforms} | {platform.domain for platform in fleet.platforms}
    words |= {cluster.name for cluster in fleet.clusters} | {tenant.namespace for tenant in fleet.tenants}
    text = COMMENT.sub("", TEMPLATES[name])
    assert not [word for word in words if word in text]


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_takes_resources_and_replicas_from_the_model(name: str) -> None:
    text = COMMENT.sub("", TEMPLATES[name])
    assert not re.findall(
        r"^ *(?:cpu|memory|averageUtilization|averageValue|maxReplicas): *[^ {\n].*", text, re.MULTILINE
    )
    assert not re.findall(r":latest\b", text)
