"""The small fleet in a git repository of its own, and edits of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from generator.cli import main
from tests.conftest import REPOSITORY
from tests.fleets import Edit, small_fleet
from tests.repositories import committed

GUARDS = """\
apiVersion: tenantry.dev/v1
kind: Guards
metadata:
  name: default
spec:
  share:
    fleetPercent: 60
    ringPercent: 60
    minimumTenants: 2
  freeze:
    - name: year-end
      from: "2026-12-18T18:00:00Z"
      until: "2027-01-04T06:00:00Z"
      environments: [production]
  protected: [AppProject, AuthorizationPolicy, Namespace, NetworkPolicy, PeerAuthentication]
"""
DAY = "2026-11-02"
"""A day outside of the freeze."""


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small fleet with guards, committed on main, in the current folder."""
    for name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)
    root = small_fleet(tmp_path, [Edit("policies/guards.yaml", "", GUARDS)])
    committed(root)
    monkeypatch.chdir(root)
    return root


def edit(root: Path, case: Path) -> None:
    """Applies `edits.yaml`, to the fleet that `base.yaml` makes where there is one."""
    if (case / "base.yaml").exists():
        _apply(root, case / "base.yaml")
        committed(root)
    _apply(root, case / "edits.yaml")


def _apply(root: Path, edits: Path) -> None:
    """Edits `replace` what stands once, write a new file, `remove` one, or `copy` a template."""
    for change in yaml.safe_load(edits.read_text(encoding="utf-8")):
        file = root / change["file"]
        if change.get("remove"):
            file.unlink()
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        text = (REPOSITORY / change["copy"]).read_text(encoding="utf-8") if "copy" in change else ""
        text = text or (file.read_text(encoding="utf-8") if "replace" in change else "")
        if "replace" in change:
            assert text.count(change["replace"]) == 1, (
                f"{change['replace']!r} stands {text.count(change['replace'])} times"
            )
            text = text.replace(change["replace"], change["with"])
        else:
            text = text or change["with"]
        file.write_text(text, encoding="utf-8")


def diff(*words: str) -> Result:
    """`tenantry diff` in the current folder, in this process."""
    return CliRunner().invoke(main, ["diff", "--jobs", "1", "--date", DAY, *words], prog_name="tenantry")
