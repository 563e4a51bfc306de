"""`tenantry tenant suspend`, `resume`, `offboard`, `set` and `move`: one edit each, refused when it may not be."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run

EXPECTED = Path(__file__).parent / "expected" / "life"
FILE = "tenants/a2z-soc/acme.yaml"
AWS, AZURE, GOOGLE = "aws-us-east-1-prod-1", "az-eastus-prod-1", "gcp-us-central1-prod-1"


def text(fleet: Path, path: str = FILE) -> str:
    return (fleet / path).read_text(encoding="utf-8")


def everything(fleet: Path) -> dict[str, bytes]:
    return {str(file.relative_to(fleet)): file.read_bytes() for file in fleet.rglob("*") if file.is_file()}


def step(run: Run, *words: str) -> None:
    result = run("tenant", *words)
    assert result.exit_code == 0, result.output


def test_a_tenant_goes_through_its_life_and_is_shown_what_is_to_come(
    fleet: Path, run: Run, expect: Callable[[Path, str], None]
) -> None:
    told = []
    for words in (
        ("suspend", "acme", "--date", "2026-11-22"),
        ("resume", "acme", "--date", "2026-11-23"),
        ("suspend", "acme", "--date", "2026-11-24"),
        ("offboard", "acme", "--date", "2026-12-01"),
        ("offboard", "acme", "--finish", "--date", "2027-01-05"),
    ):
        result = run("tenant", *words)
        assert (result.exit_code, result.stdout) == (0, f"{FILE}\n"), result.output
        told.append(f"$ tenantry tenant {' '.join(words)}\n{result.stderr}")
    expect(EXPECTED / "whole-life.txt", "\n".join(told))
    assert '  state: offboarded\n  since: "2027-01-05"\n' in text(fleet)
    assert run("validate").exit_code == 0


def test_only_two_lines_of_the_file_differ(fleet: Path, run: Run) -> None:
    before = text(fleet)
    step(run, "suspend", "acme", "--date", "2026-11-22")
    assert text(fleet) == before.replace("  state: active\n", '  state: suspended\n  since: "2026-11-22"\n')


def test_without_a_date_the_day_is_today(fleet: Path, run: Run) -> None:
    from datetime import UTC, datetime

    days = {datetime.now(UTC).date().isoformat()}
    step(run, "suspend", "acme")
    days.add(datetime.now(UTC).date().isoformat())
    assert any(f'since: "{day}"' in text(fleet) for day in days)


def test_a_dry_run_prints_a_patch_that_makes_the_same_file(fleet: Path, run: Run) -> None:
    before = everything(fleet)
    words = ("set", "acme", "ring=early", "overrides.replicas.max=7", "note=two\nlines", "--unset", "domains")
    result = run("tenant", *words, "--dry-run")
    assert result.exit_code == 0, result.output
    assert everything(fleet) == before
    subprocess.run(["git", "apply", "-"], input=result.stdout.encode(), cwd=fleet, check=True)
    patched = text(fleet)
    (fleet / FILE).write_bytes(before[FILE])
    step(run, *words)
    assert text(fleet) == patched


@pytest.mark.parametrize(
    ("case", "words"),
    [
        ("active-to-offboarding", ("offboard", "acme")),
        ("active-to-offboarded", ("offboard", "acme", "--finish")),
        ("resume-of-an-active-tenant", ("resume", "acme")),
        ("resume-of-one-that-leaves", ("resume", "oldmill")),
        ("offboarded-stays-so", ("suspend", "harbourline")),
        ("set-has-a-name-misspelt", ("set", "acme", "teir=starter", "overrides.limit.cpu=1")),
        ("set-has-another-type", ("set", "acme", "overrides.replicas.max=many", "overrides=1", "domains=x")),
        ("set-is-not-for-states", ("set", "acme", "state=offboarded", "since=2026-01-01", "placements=x")),
        ("set-does-not-shorten-a-retention", ("set", "paperlane", "compliance=")),
        ("set-breaks-a-ceiling", ("set", "acme", "overrides.limits.memory=64Gi")),
        ("set-breaks-a-framework", ("set", "acme", "compliance=gdpr,hipaa")),
        ("set-takes-what-must-stay", ("set", "acme", "--unset", "tier", "--unset", "overrides.targets")),
        ("move-breaks-residency", ("move", "acme", "--to", "aws-eu-west-1-prod-1")),
        ("move-without-an-identity", ("move", "acme", "--to", AZURE)),
        (
            "move-to-a-draining-region",
            ("move", "thousand", "--to", "az-australiaeast-prod-1", "--identity", "az-australiaeast-prod-1=x"),
        ),
        ("move-to-no-cell", ("move", "acme", "--to", "aws-us-east-1-prod-9")),
        ("move-to-where-it-is", ("move", "acme", "--to", AWS)),
        ("move-from-where-it-is-not", ("move", "acme", "--to", GOOGLE, "--from", AZURE)),
        ("move-of-one-that-leaves", ("move", "oldmill", "--to", AWS)),
    ],
)
def test_what_may_not_be_is_refused_and_nothing_is_written(
    case: str, words: tuple[str, ...], fleet: Path, run: Run, expect: Callable[[Path, str], None]
) -> None:
    before = everything(fleet)
    result = run("tenant", *words, *(("--date", "2026-11-22") if words[0] != "set" else ()))
    assert (result.exit_code, result.stdout) == (1, "")
    assert everything(fleet) == before
    expect(EXPECTED / f"{case}.txt", result.stderr)


def test_without_its_first_day_no_retention_period_ends(
    fleet: Path, run: Run, expect: Callable[[Path, str], None]
) -> None:
    path = "tenants/a2z-soc/oldmill.yaml"
    before = text(fleet, path).replace('  since: "2026-10-01"\n', "")
    (fleet / path).write_text(before, encoding="utf-8")
    result = run("tenant", "offboard", "oldmill", "--finish", "--date", "2026-11-22")
    assert (result.exit_code, result.stdout) == (1, "")
    assert text(fleet, path) == before
    expect(EXPECTED / "nobody-knows-since-when.txt", result.stderr)


@pytest.mark.parametrize(("day", "code"), [("2027-01-04", 1), ("2027-01-05", 0)])
def test_the_longest_retention_of_a_framework_holds_to_the_day(day: str, code: int, fleet: Path, run: Run) -> None:
    # SOC 2 asks for 30 days of backups, HIPAA for 35.
    step(run, "suspend", "acme", "--date", "2026-11-24")
    step(run, "offboard", "acme", "--date", "2026-12-01")
    result = run("tenant", "offboard", "acme", "--finish", "--date", day)
    assert result.exit_code == code
    assert ("LIF002" in result.stderr) == bool(code)


def test_without_a_framework_the_last_jobs_have_a_day(fleet: Path, run: Run) -> None:
    step(run, "suspend", "thousand", "--date", "2026-11-24")
    step(run, "offboard", "thousand", "--date", "2026-12-01")
    assert run("tenant", "offboard", "thousand", "--finish", "--date", "2026-12-01").exit_code == 1
    step(run, "offboard", "thousand", "--finish", "--date", "2026-12-02")


def test_fields_of_every_sort_are_set(fleet: Path, run: Run) -> None:
    words = (
        "set",
        "acme",
        "title=Acme: Inc",
        "compliance=soc2",
        "overrides.replicas.min=3",
        "overrides.accessLogs=all",
        "domains[soc.acme.example].verified=false",
        "domains[new.acme.example].verified=true",
        "domains[new.acme.example].key=RSA",
        "domains[second.acme.example].verified=false",
    )
    step(run, *words)
    said = text(fleet)
    assert '  title: "Acme: Inc"\n' in said
    assert "  compliance: [soc2]\n" in said
    assert "    - {name: soc.acme.example, verified: false}\n" in said
    assert "    - {name: new.acme.example, verified: true, key: RSA}\n" in said
    assert "    - {name: second.acme.example, verified: false}\n" in said
    again = run("tenant", *words)
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "tenant: nothing to change\n")


def test_a_tenant_moves_in_three_steps_on_three_days(
    fleet: Path, run: Run, expect: Callable[[Path, str], None]
) -> None:
    told = []
    for day, extra in (("22", ()), ("22", ()), ("23", ()), ("24", ()), ("24", ("--from", AWS))):
        words = ("move", "acme", "--to", GOOGLE, *extra, "--date", f"2026-11-{day}")
        before = text(fleet)
        result = run("tenant", *words)
        told.append(f"$ tenantry tenant {' '.join(words)}\n{result.stderr}")
        assert (text(fleet) != before) == (result.exit_code == 0)
    expect(EXPECTED / "move.txt", "\n".join(told))
    assert f'    - cluster: {GOOGLE}\n      role: primary\n      since: "2026-11-23"\n' in text(fleet)
    assert AWS not in text(fleet).partition("domains:")[0]
    assert run("validate").exit_code == 0


def test_a_standby_moves_in_two_steps(fleet: Path, run: Run) -> None:
    words = ("move", "brightfiles", "--from", AWS, "--to", GOOGLE)
    step(run, *words, "--date", "2026-11-22")
    step(run, *words, "--date", "2026-11-23")
    shown = run("tenant", "list", "--platform", "oams").stdout
    assert f"aws-us-west-2-prod-1, {GOOGLE} (standby)" in shown


def test_an_identity_is_for_the_new_cell(fleet: Path, run: Run) -> None:
    words = ("move", "acme", "--to", AZURE, "--identity")
    assert run("tenant", *words, f"{AWS}=x").exit_code == 2
    step(run, *words, f"{AZURE}=00000000-0000-4000-8000-000000000009")
    assert '      identity: "00000000-0000-4000-8000-000000000009"\n' in text(fleet)


def test_a_file_with_an_alias_is_left_alone(fleet: Path, run: Run) -> None:
    lines = text(fleet).replace("state: active", "state: &s active").replace("team: security", "team: *s")
    (fleet / FILE).write_text(lines, encoding="utf-8")
    result = run("tenant", "suspend", "acme")
    assert result.exit_code == 1
    assert "LIF004" in result.stderr
    assert text(fleet) == lines


def test_a_link_stays_a_link(fleet: Path, run: Run) -> None:
    (fleet / FILE).rename(fleet / "acme.yaml")
    (fleet / FILE).symlink_to("../../acme.yaml")
    (fleet / "acme.yaml").chmod(0o640)
    step(run, "suspend", "acme")
    assert (fleet / FILE).is_symlink()
    assert "state: suspended" in text(fleet, "acme.yaml")
    assert (fleet / "acme.yaml").stat().st_mode & 0o777 == 0o640
    assert not list(fleet.rglob("*.tmp"))


def test_in_a_fleet_with_mistakes_nothing_is_edited(fleet: Path, run: Run) -> None:
    other = fleet / "tenants/a2z-soc/kestrel.yaml"
    other.write_text(other.read_text(encoding="utf-8").replace("ring: ", "ringg: "), encoding="utf-8")
    before = everything(fleet)
    assert run("tenant", "suspend", "acme").exit_code == 1
    assert everything(fleet) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("suspend", "acmee"), "no tenant 'acmee': did you mean 'acme'?"),
        (("suspend", "acme", "--date", "22.11.2026"), "'22.11.2026' is not a day such as 2026-12-24"),
        (("set", "acme"), "nothing to set: FIELD=VALUE or --unset FIELD"),
        (("set", "acme", "tier"), "'tier' is not FIELD=VALUE"),
        (("set", "acme", "tier=a", "tier=b"), "'tier' is given twice"),
    ],
    ids=["tenant", "date", "nothing", "no-value", "twice"],
)
def test_wrong_use(words: tuple[str, ...], said: str, fleet: Path, run: Run) -> None:
    result = run("tenant", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
