"""The hooks that a fleet's repository may take from here."""

from __future__ import annotations

import re

import click
import yaml

from generator.cli import main
from tests.cli.conftest import REPOSITORY

HOOKS = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))


def test_the_hooks_are_commands_of_the_program() -> None:
    assert [hook["id"] for hook in HOOKS] == ["tenantry-validate", "tenantry-render-check", "tenantry-check"]
    for hook in HOOKS:
        program, name, *options = hook["entry"].split()
        command = main.get_command(click.Context(main), name)
        assert program == "tenantry"
        assert command is not None
        assert set(options) <= {option for parameter in command.params for option in parameter.opts}


def test_the_hooks_run_when_an_input_changes_and_not_for_other_files() -> None:
    for hook in HOOKS:
        for path in ("fleet.yaml", "fleets/one/fleet.yaml", "tenants/a/acme.yaml", "policies/tiers/enterprise.yaml"):
            assert re.search(hook["files"], path), (hook["id"], path)
        for path in ("README.md", "generator/cli/check.py", "myfleet.yaml"):
            assert not re.search(hook["files"], path), (hook["id"], path)
