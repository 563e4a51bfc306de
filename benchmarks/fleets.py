"""Makes a fleet of any size: the example's platforms, policies and regions, more cells, and N tenants.

    python benchmarks/fleets.py --tenants 10000 --out /tmp/fleet

The same numbers give the same files. Tiers are 10 % enterprise, 30 % professional, 60 % starter; one tenant in four
has a standby; sizes of free text, domains and overrides vary as they do among people. With --faults, 2 % of the
tenants get a mistake each. A tenant takes a fifth of a millisecond, and none is kept in memory.
"""

from __future__ import annotations

import argparse
import random
import shutil
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

EXAMPLE = Path(__file__).parent.parent
COPIED = ("fleet.yaml", "platforms", "policies", "regions")
A_CELL = 400
"""Tenants a cell, below the 500 that a cell may hold."""
CAPACITY = {"tenants": 500, "cpu": "1000000", "memory": "4000Ti"}
WORDS = [
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "heron",
    "inlet",
    "jasper",
    "kelp",
    "lumen",
    "maple",
    "north",
    "onyx",
    "pine",
    "quartz",
    "reef",
]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that tenants can be placed on."""

    name: str
    region: str
    jurisdiction: str
    provider: str
    platforms: tuple[str, ...]


Choice = tuple[Cell, list[Cell]]
"""A cell, and those that can be its standby: of its jurisdiction, in another region."""


def main() -> None:
    """Reads the words and writes the fleet."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--tenants", type=int, required=True)
    words.add_argument("--out", type=Path, required=True, help="a folder that does not exist yet")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--faults", action="store_true")
    given = words.parse_args()
    make_fleet(given.out, given.tenants, given.seed, faults=given.faults)


def make_fleet(out: Path, tenants: int, seed: int = 1, *, faults: bool = False) -> None:
    """Writes the fleet's inputs below `out`."""
    for name in COPIED:
        source = EXAMPLE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, _parent(out / name))
    cells = _more_cells(out, tenants)
    chance = random.Random(seed)  # noqa: S311 - the same numbers every time are the point
    choices = _choices(cells)
    for number in range(tenants):
        name = f"{WORDS[number % len(WORDS)]}-{number:06}"
        data = _tenant(name, chance, choices)
        if data["spec"]["state"] == "offboarding":
            data["spec"] = _dated(data["spec"], date(2026, 1, 1) + timedelta(days=number % 300))
        if faults and chance.random() < 0.02:
            chance.choice(_FAULTS)(data["spec"])
        file = _parent(out / "tenants" / data["spec"]["platform"] / f"{number // 1000:03}" / f"{name}.yaml")
        head = "# yaml-language-server: $schema=../../../schemas/tenant.schema.json\n"
        file.write_text(head + _dumped(data))


def _parent(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


class _Plain(yaml.CSafeDumper):
    """Repeats a value instead of naming it: people write no anchors."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


def _dumped(data: dict[str, Any]) -> str:
    return yaml.dump(data, Dumper=_Plain, sort_keys=False, allow_unicode=True)


def _more_cells(out: Path, tenants: int) -> list[Cell]:
    """As many copies of every region's production cell as the tenants need; the cells of all regions."""
    files = sorted((out / "regions").glob("*.yaml"))
    copies = max(1, -(-tenants * 5 // 4 // (len(files) * A_CELL)) * 2)
    cells = []
    for file in files:
        data = yaml.safe_load(file.read_text())
        spec = data["spec"]
        spec["state"] = "active"
        model = next(cell for cell in spec["clusters"] if cell["environment"] == "production")
        stem = model["name"].rsplit("-", 1)[0]
        spec["clusters"] = [{**model, "name": f"{stem}-{number + 1}", "capacity": CAPACITY} for number in range(copies)]
        for cell in spec["clusters"]:
            region, platforms = data["metadata"]["name"], tuple(cell["platforms"])
            cells.append(Cell(cell["name"], region, spec["jurisdiction"], spec["provider"], platforms))
        file.write_text(_dumped(data))
    return cells


def _choices(cells: list[Cell]) -> dict[str, list[Choice]]:
    """For each platform, by name, what a tenant can be given: looked up once, not for each tenant among all cells."""
    by_platform: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        for platform in cell.platforms:
            by_platform[platform].append(cell)
    return {
        platform: [
            (one, [each for each in served if each.jurisdiction == one.jurisdiction and each.region != one.region])
            for one in served
        ]
        for platform, served in sorted(by_platform.items())
    }


def _dated(spec: dict[str, Any], day: date) -> dict[str, Any]:
    """The spec with the day from which it is in its state, right below the state as `tenantry tenant offboard` writes
    it: a tenant that leaves without one is a warning."""
    dated: dict[str, Any] = {}
    for key, value in spec.items():
        dated[key] = value
        if key == "state":
            dated["since"] = day.isoformat()
    return dated


def _tenant(name: str, chance: random.Random, choices: dict[str, list[Choice]]) -> dict[str, Any]:
    platform = chance.choice(list(choices))
    tier = chance.choices(("enterprise", "professional", "starter"), (10, 30, 60))[0]
    primary, peers = choices[platform][chance.randrange(len(choices[platform]))]
    standby = [chance.choice(peers)] if peers and chance.random() < 0.25 else []
    identity = f"{chance.getrandbits(32):08x}-0000-4000-8000-{chance.getrandbits(48):012x}"
    spec: dict[str, Any] = {
        "title": " ".join(chance.choices(WORDS, k=chance.randint(1, 6))).title(),
        "platform": platform,
        "tier": tier,
        "state": chance.choices(("active", "suspended", "offboarding"), (96, 3, 1))[0],
        "residency": primary.jurisdiction,
        "compliance": ["gdpr"] if primary.jurisdiction == "EU" else chance.choice(([], ["soc2"])),
        "ring": chance.choices(("canary", "early", "stable"), (2, 18, 80))[0],
        "placements": [
            {"cluster": cell.name, "role": role} | ({"identity": identity} if cell.provider == "azure" else {})
            for cell, role in zip([primary, *standby], ("primary", "standby"), strict=False)
        ],
        "identity": {
            "issuer": f"https://login.{name}.example/",
            "jwks": f"https://login.{name}.example/jwks.json",
            "group": f"{name}-admins",
        },
        "costCentre": f"CC-{chance.randint(1000, 9999)}",
        "team": "platform",
        "contacts": {"technical": f"it@{name}.example"},
    }
    if chance.random() < 0.3:
        spec["domains"] = [{"name": f"app.{name}.example", "verified": chance.random() < 0.8}]
    if chance.random() < 0.5:
        spec["note"] = " ".join(chance.choices(WORDS, k=chance.randint(3, 60)))
    if tier != "starter" and chance.random() < 0.2:
        spec["overrides"] = {"retention": {"logs": chance.choice((60, 90, 180))}}
    return {"apiVersion": "tenantry.dev/v1", "kind": "Tenant", "metadata": {"name": name}, "spec": spec}


_FAULTS = (
    lambda spec: spec.update(tier="enterprize"),
    lambda spec: spec.update(residency="ZZ"),
    lambda spec: spec.pop("team"),
    lambda spec: spec.update(colour="blue"),
    lambda spec: spec["placements"][0].update(cluster="nowhere-1"),
)
"""Mistakes as people make them."""


if __name__ == "__main__":
    main()
