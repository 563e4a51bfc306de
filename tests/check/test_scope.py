"""check for some clusters: what is left out, and what is not."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

from generator.pipeline import checks, output
from generator.write import opened, read
from tests.fleets import small_fleet
from tests.repositories import committed


def rendered_fleet(folder: Path) -> tuple[Path, list[str]]:
    """A rendered fleet, committed, below the top of its repository; and the names of its clusters."""
    root = small_fleet(folder)
    rendered = output.render(root)
    assert rendered.tree is not None
    output.write(root, rendered.tree)
    committed(folder)
    return root, sorted({path.partition("/")[0] for path in rendered.tree.files})


def looked_at(root: Path, since: str | None = "HEAD", clusters: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    return look(root, since, clusters).clusters


def look(root: Path, since: str | None = "HEAD", clusters: tuple[str, ...] = ()) -> checks.Checked:
    looking = checks.Looking(kubeconform=False, since=since, clusters=clusters)
    return checks.check(root, today=date(2026, 1, 1), looking=looking)


def test_nothing_is_looked_at_where_nothing_changed(tmp_path: Path) -> None:
    root, _ = rendered_fleet(tmp_path)
    checked = look(root)
    assert (checked.clusters, checked.objects) == ((), 0)


def test_a_cluster_with_a_file_changed_added_or_removed_is_looked_at_as_a_whole(tmp_path: Path) -> None:
    root, clusters = rendered_fleet(tmp_path)
    whole = look(root, None, (clusters[0],))
    file = root / "rendered" / clusters[0] / "bootstrap.yaml"
    body = file.read_bytes()
    file.write_bytes(body + b"# more\n")
    checked = look(root)
    assert (checked.clusters, checked.objects) == ((clusters[0],), whole.objects)
    file.unlink()
    assert looked_at(root) == (clusters[0],)
    file.write_bytes(body)
    assert looked_at(root) == ()
    (file.parent / "more.yaml").write_bytes(body)
    checked = look(root)
    assert checked.clusters == (clusters[0],)
    assert "CHK020" in {found.code.id for found in checked.diagnostics}


def test_a_changed_region_may_change_any_version_of_kubernetes(tmp_path: Path) -> None:
    root, _ = rendered_fleet(tmp_path)
    region = next((root / "regions").iterdir())
    region.write_text(f"{region.read_text(encoding='utf-8')}# more\n", encoding="utf-8")
    assert looked_at(root) is None


def test_files_are_listed_once_and_read_when_they_are_asked_for(tmp_path: Path) -> None:
    root, clusters = rendered_fleet(tmp_path)
    (root / "rendered" / "stray.yaml").write_bytes(b"a: b\n")
    folder = root / "rendered"
    assert dict(opened(folder)[0].files) == dict(read(folder)[0].files)
    some = opened(folder, [clusters[0], "stray.yaml", "missing"])[0].files
    assert dict(some) == {
        path: body for path, body in read(folder)[0].files.items() if path.split("/")[0] in (clusters[0], "stray.yaml")
    }
    assert "missing" not in some


def test_a_cell_whose_output_is_gone_is_found(tmp_path: Path) -> None:
    root, clusters = rendered_fleet(tmp_path)
    assert {found.code.id for found in look(root, None).diagnostics} == set()
    shutil.rmtree(root / "rendered" / clusters[0])
    for checked in (look(root, None), look(root), look(root, None, (clusters[0],))):
        (found,) = (each for each in checked.diagnostics if each.code.id == "CHK071")
        assert found.message == f"there is no output of cell {clusters[0]}"
    assert look(root, None, (clusters[1],)).diagnostics == ()
