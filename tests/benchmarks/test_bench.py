"""The benchmark goes through, and what it says of goals and of other runs is true."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from benchmarks import bench, day, floors, goals, identity, peers
from benchmarks.fleets import make_fleet
from benchmarks.measure import PROGRAM, Cost, Failed
from generator.cli import main
from generator.pipeline import inputs

TENANTS = 12


def here(
    command: Sequence[str | Path],
    folder: Path,
    *,
    variables: Mapping[str, str] | None = None,
    codes: tuple[int, ...] = (0,),
) -> Cost:
    """Calls the program in this process, which spares starting it 30 times; other commands as they are."""
    words = [str(word) for word in command]
    if tuple(words[: len(PROGRAM)]) != PROGRAM:
        subprocess.run(words, cwd=folder, check=True)
        return Cost(1, 1, 1, 0)
    rest = words[len(PROGRAM) :]
    called = CliRunner(env=variables).invoke(main, ["--root", str(folder), *rest], prog_name="tenantry")
    if called.exit_code not in codes:
        raise Failed(f"{' '.join(rest)}: {called.output}")
    return Cost(2, 2, 2, called.exit_code)


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day, "cost", here)
    monkeypatch.setattr(identity, "cost", here)
    monkeypatch.setattr(floors, "cost", here)
    # A cluster is worked with in tests/promises.
    monkeypatch.setattr(identity, "find_spec", {}.get)


def run(monkeypatch: pytest.MonkeyPatch, folder: Path, *more: str) -> tuple[int, dict[str, Any]]:
    """The benchmark's exit code and its JSON."""
    file = folder / "bench.json"
    words = ["bench.py", "--tenants", str(TENANTS), "--folder", str(folder), "--json", str(file), "--peers", "0", *more]
    monkeypatch.setattr(sys, "argv", words)
    with pytest.raises(SystemExit) as ended:
        bench.main()
    return int(ended.value.code or 0), json.loads(file.read_text())


@pytest.mark.usefixtures("in_process")
def test_it_goes_through(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = run(monkeypatch, tmp_path)
    assert (code, found["faults"]) == (0, [])
    assert found["identity"].startswith("identical: render --since; ")
    names = [row["name"] for row in found["rows"]]
    assert len(set(names)) == len(names)
    assert {*(goal.row for goal in goals.GOALS), *floors.WORDS.values()} <= set(names)
    assert len(found["goals"]) == len(goals.GOALS)
    printed = capsys.readouterr().out
    assert all(f"\n| {name} | " in printed for name in names)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bench.json"]


def test_other_bytes_are_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet = tmp_path / "fleet"
    make_fleet(fleet, TENANTS)

    def wrong(command: Sequence[str | Path], folder: Path, **more: Any) -> Cost:
        (folder / "rendered").mkdir()
        (folder / "rendered/a.yaml").write_text(f"in: {folder.name}\n")
        return Cost(1, 1, 1, 0)

    monkeypatch.setattr(identity, "cost", wrong)
    compared = identity.Identity(tmp_path, fleet, seed=1, keep=True)
    with pytest.raises(Failed, match=r"cold, --jobs 2 gives other bytes.*\n.*a\.yaml"):
        list(compared.rows())
    assert not compared.verdict


def test_goals_are_held_against_what_was_measured() -> None:
    costs = {"check": Cost(60, 33, 600, 0), day.RENDER: Cost(9, 4, 700, 0), day.COPY: Cost(2, 2, 1, 0)}
    said = [goals.told(each) for each in goals.held(costs, goals.SIZE)]
    assert said == [
        f"met     {day.RENDER}: 4.00, at most 8 s wall",
        f"missed  {day.RENDER}: 700.00, at most 600 MB: 100.00 (17%) too much",
        f"met     {day.RENDER}: 2.00, at most 2 x cp -r",
        "missed  check: 33.00, at most 30 s wall: 3.00 (10%) too much",
    ]
    assert [each["unit"] for each in goals.held(costs, 100_000)] == ["x cp -r"]


def test_a_larger_run_is_held_against_a_smaller_one() -> None:
    earlier = {"tenants": 10_000, "rows": [{"name": "check", "cpu": 50, "wall": 30, "memory": 600}]}
    *_, met = goals.against({"check": Cost(500, 320, 700, 0)}, 100_000, earlier)
    *_, missed = goals.against({"check": Cost(500, 300, 6700, 0)}, 100_000, earlier)
    assert met.split() == ["met", "10.00", "10.67", "1.17", "check"]
    assert missed.split() == ["missed", "10.00", "10.00", "11.17", "check"]


def test_a_peers_start_is_not_counted_for_each_tenant() -> None:
    costs = {peers.named("helm", 10): Cost(2, 3, 1, 0), peers.named("helm", 50): Cost(9, 7, 1, 0)}
    assert peers.extrapolated(costs, 50, 10_000) == {"helm": pytest.approx(7 + 0.1 * 9950)}


def test_a_made_fleet_has_no_findings(tmp_path: Path) -> None:
    make_fleet(tmp_path / "fleet", 200)
    assert "state: offboarding" in "".join(file.read_text() for file in (tmp_path / "fleet/tenants").rglob("*.yaml"))
    assert inputs.validate(tmp_path / "fleet").diagnostics == ()
