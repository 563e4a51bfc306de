"""Several machines: each renders, checks and makes a part of one shard; one publishes the parts."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.cli import main
from tests.cli.conftest import Run
from tests.cli.test_publish import target, tips
from tests.fleets import small_fleet
from tests.repositories import committed as commit_all
from tests.repositories import git

__all__ = ["target"]

SHARDS = ("1/3", "2/3", "3/3")
PARTS = Path(".tenantry/parts")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed fleet with the parts of three machines, to be copied: most tests only look at spoilt ones."""
    root = small_fleet(tmp_path_factory.mktemp("parts"))
    commit_all(root)
    for shard in SHARDS:
        done = CliRunner().invoke(main, ["-C", str(root), "publish", "--shard", shard], prog_name="tenantry")
        assert done.exit_code == 0, done.output
        assert done.stdout == f"{root / PARTS / shard.replace('/', '-of-')}.zip\n"
    return root


@pytest.fixture
def committed(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that fleet without its parts, which is the current folder too."""
    root = shutil.copytree(made, tmp_path / "fleet", ignore=shutil.ignore_patterns(".tenantry"))
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def parts(made: Path, committed: Path) -> Path:
    """The parts of three machines, in the copy."""
    return shutil.copytree(made / PARTS, committed / PARTS)


def test_shards_rendered_one_after_another_are_the_whole(fleet: Path, run: Run) -> None:
    (fleet / "rendered/nobody").mkdir(parents=True)
    (fleet / "rendered/nobody/asked.yaml").write_text("for: this\n")
    for shard in reversed(SHARDS):
        assert (fleet / "rendered/nobody/asked.yaml").exists()
        assert run("render", "--shard", shard, "--check").exit_code == 1
        done = run("render", "--shard", shard)
        assert done.exit_code == 0, done.output
        assert f" of shard {shard}, " in done.stderr
        assert run("render", "--shard", shard, "--check").exit_code == 0
    assert run("render", "--check").exit_code == 0
    assert sorted(path.name for path in (fleet / "rendered").iterdir() if not path.name.startswith("."))
    assert not (fleet / "rendered/nobody").exists()


def test_shards_find_together_what_one_check_finds(fleet: Path, run: Run) -> None:
    run("render")
    spoilt = sorted((fleet / "rendered").glob("*/bootstrap.yaml"))
    for file in spoilt:
        file.write_text(file.read_text().replace("kind: Application", "kind: Aplication"))
    (fleet / "rendered/nobody").mkdir()
    (fleet / "rendered/nobody/asked.yaml").write_text("for: this\n")

    def found(*words: str) -> list[str]:
        result = run("check", "--format", "json", *words)
        assert result.exit_code == 1
        return [json.dumps(each) for each in json.loads(result.stdout)["findings"] if each["severity"] != "note"]

    apart = [finding for shard in SHARDS for finding in found("--shard", shard)]
    assert sorted(apart) == sorted(found())


def test_a_check_of_a_shard_that_was_not_rendered_is_refused(fleet: Path, run: Run) -> None:
    run("render", "--shard", "1/3")
    assert run("check", "--shard", "1/3").exit_code == 0
    refused = run("check", "--shard", "2/3")
    assert refused.exit_code == 2
    assert "run tenantry render --shard 2/3 first" in refused.stderr


def test_joined_parts_are_published_as_one_publish_would(parts: Path, target: Path, run: Run, tmp_path: Path) -> None:
    other = tmp_path / "other.git"
    shutil.copytree(target, other)
    dry = run("publish", "--join", "3", "--repo", str(target), "--dry-run")
    assert dry.stderr == "publish: 2 branches would be moved, 0 unchanged; 0 errors, 0 warnings\n"
    assert tips(target) == {}
    joined = run("publish", "--join", "3", "--repo", str(target))
    assert joined.exit_code == 0, joined.output
    assert joined.stderr == "publish: 2 branches moved, 0 unchanged; 0 errors, 0 warnings\n"
    assert run("publish", "--repo", str(other)).stdout == joined.stdout == dry.stdout
    assert tips(target) == tips(other)
    assert run("publish", "--join", "3", "--repo", str(target)).stdout.count("unchanged") == 2


def test_parts_of_an_older_commit_replace_nothing(parts: Path, committed: Path, target: Path, run: Run) -> None:
    older = committed.parent / "older"
    shutil.copytree(committed, older)
    (committed / "NOTES.md").write_text("nothing\n")
    git(committed, "add", "NOTES.md")
    git(committed, "commit", "-m", "Later")
    refused = run("publish", "--join", "3", "--repo", str(target))
    assert refused.exit_code == 1
    assert refused.stdout.count("PUB017") == 3
    assert tips(target) == {}
    assert run("publish", "--repo", str(target)).exit_code == 0
    published = tips(target)
    git(older, "fetch", str(committed), "main")
    late = run("-C", str(older), "publish", "--join", "3", "--repo", str(target))
    assert late.exit_code == 1
    assert "PUB008" in late.stdout
    assert tips(target) == published


def without(file: str) -> Callable[[Path], None]:
    """Makes the second part again, without a file."""

    def spoil(parts: Path) -> None:
        path = parts / "2-of-3.zip"
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        gone = next(name for name in members if name.endswith(file))
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in members.items():
                if name != gone:
                    archive.writestr(name, content)

    return spoil


def saying(key: str, value: str) -> Callable[[Path], None]:
    """Has the second part say something else of itself."""

    def spoil(parts: Path) -> None:
        path = parts / "2-of-3.zip"
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        about = json.loads(members["part.json"])
        assert key in about
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in {**members, "part.json": json.dumps({**about, key: value}).encode()}.items():
                archive.writestr(name, content)

    return spoil


def flipped(parts: Path) -> None:
    """One byte in the middle."""
    path = parts / "2-of-3.zip"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(parts: Path) -> None:
    path = parts / "2-of-3.zip"
    path.write_bytes(path.read_bytes()[:-1000])


def a_list(parts: Path) -> None:
    with zipfile.ZipFile(parts / "2-of-3.zip", "w") as archive:
        archive.writestr("part.json", "[]")


@pytest.mark.parametrize(
    ("spoil", "code", "says"),
    [
        (lambda parts: (parts / "2-of-3.zip").unlink(), "PUB016", "there is no part 2/3"),
        (lambda parts: shutil.copy(parts / "1-of-3.zip", parts / "2-of-3.zip"), "PUB017", "of another shard"),
        (saying("program", "an older one"), "PUB017", "of another version of the program"),
        (saying("fleet", "another"), "PUB017", "of another fleet"),
        (saying("sha256", "0"), "PUB018", "does not hold what was rendered"),
        (without("bootstrap.yaml"), "PUB018", "does not hold what was rendered"),
        (without("part.json"), "PUB018", "cannot be read"),
        (flipped, "PUB018", "cannot be read"),
        (cut, "PUB018", "cannot be read"),
        (a_list, "PUB018", "does not say what it is of"),
    ],
)
def test_a_part_that_is_not_right_stops_the_publish(
    parts: Path, target: Path, run: Run, spoil: Callable[[Path], None], code: str, says: str
) -> None:
    spoil(parts)
    refused = run("publish", "--join", "3", "--repo", str(target))
    assert refused.exit_code == 1
    assert refused.stderr == "publish: nothing published: 1 error, 0 warnings\n"
    assert f"[{code}]: " in refused.stdout
    assert says in refused.stdout
    assert ".tenantry/parts/2-of-3.zip" in refused.stdout
    assert tips(target) == {}


def test_no_part_is_made_of_inputs_that_no_commit_holds(committed: Path, run: Run) -> None:
    (committed / "tenants/new.yaml").write_text("# nothing yet\n")
    refused = run("publish", "--shard", "1/3")
    assert refused.exit_code == 1
    assert refused.stderr.startswith("publish: no part written: ")
    assert not (committed / PARTS).exists()


def test_parts_may_stand_elsewhere_and_json_names_them(committed: Path, tmp_path: Path, run: Run) -> None:
    made = run("publish", "--shard", "4/4", "--parts", str(tmp_path / "parts"), "--format", "json")
    report = json.loads(made.stdout)
    assert report["part"] == str(tmp_path / "parts" / "4-of-4.zip")
    assert len(report["cells"]) == 1
    assert report["summary"]["files"] == len(zipfile.ZipFile(report["part"]).namelist()) - 1


@pytest.mark.parametrize(
    "words",
    [
        ("render", "--shard", "1/3", "--since", "HEAD"),
        ("render", "--shard", "1/3", "--dask", "tcp://localhost:8786"),
        ("render", "--dask", "tcp://localhost:8786", "--jobs", "2"),
        ("render", "--shard", "0/3"),
        ("render", "--shard", "4/3"),
        ("render", "--shard", "two"),
        ("check", "--shard", "1/3", "--cluster", "x"),
        ("check", "--shard", "1/3", "--write-baseline", "--until", "2999-01-01", "--by", "me", "--reason", "none"),
        ("publish", "--shard", "1/3", "--join", "3"),
        ("publish", "--shard", "1/3", "--dry-run"),
        ("publish", "--parts", "parts"),
    ],
)
def test_what_does_not_go_together_is_refused(fleet: Path, run: Run, words: tuple[str, ...]) -> None:
    refused = run(*words)
    assert refused.exit_code == 2
    assert "Usage:" in refused.stderr


def test_a_scheduler_that_is_none_is_a_sentence(fleet: Path, run: Run) -> None:
    refused = run("render", "--dask", "scheduler")
    assert refused.exit_code == 2
    assert refused.stderr == ("Error: 'scheduler' is no address of a Dask scheduler, such as tcp://scheduler:8786\n")
