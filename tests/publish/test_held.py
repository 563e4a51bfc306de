"""Files that wait outside of memory are what was put there, whoever did it and whoever reads."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from generator.publish import Spool, blob_id
from generator.publish.archives import Archives, Packed
from generator.publish.held import Held, blob_of
from generator.workers import in_parallel

FILES = {f"cell-{number % 3}/{number}.yaml": b"%d\n" % number * number * 40 for number in range(300)}
PATHS = sorted(FILES)
BATCHES = [PATHS[start : start + 20] for start in range(0, len(PATHS), 20)]


@pytest.mark.parametrize("jobs", [1, 4])
def test_a_spool_takes_files_of_several_processes_and_gives_them_to_several(tmp_path: Path, jobs: int) -> None:
    spool = Spool(tmp_path)
    taken = in_parallel(lambda batch: {path: spool.take(path, FILES[path]) for path in batch}, BATCHES, jobs)
    held = spool.held({path: place for some in taken for path, place in some.items()})
    assert list(held) == PATHS
    read = in_parallel(lambda batch: {path: held[path] for path in batch}, BATCHES, jobs)
    assert {path: content for some in read for path, content in some.items()} == FILES
    assert all(blob_of(held, path, "sha1") == blob_id(content, "sha1") for path, content in FILES.items())
    assert blob_of(held, PATHS[1], "sha256") == blob_id(FILES[PATHS[1]], "sha256")
    with pytest.raises(KeyError):
        held["cell-0/none.yaml"]


def test_a_spool_has_no_name_and_ends_with_its_last_reader(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    place = spool.take("a", b"content")
    descriptor = spool._file.fileno()
    held = spool.held({"a": place})
    del spool
    assert held["a"] == b"content"
    assert not list(tmp_path.iterdir())
    del held
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


@pytest.mark.parametrize("packing", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_are_read_by_several_processes_and_are_those_that_were_opened(tmp_path: Path, packing: int) -> None:
    path = tmp_path / "one.zip"
    with zipfile.ZipFile(path, "w", packing) as archive:
        for name, content in FILES.items():
            archive.writestr(name, content)
    archives = Archives([path, tmp_path / "none.zip"])
    path.unlink()
    path.write_bytes(b"another")
    assert (archives.has(0), archives.has(1)) == (True, False)
    held = Held(archives.members(0), archives.read)
    read = in_parallel(lambda batch: {path: held[path] for path in batch}, BATCHES, 3)
    assert {path: content for some in read for path, content in some.items()} == FILES


def test_what_is_not_as_the_archive_says_is_not_given(tmp_path: Path) -> None:
    path = tmp_path / "one.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a", b"content")
    archives = Archives([path])
    (place,) = archives.members(0).values()
    assert archives.read(place) == b"content"
    wrong: list[Packed] = [place._replace(sum=place.sum ^ 1), place._replace(start=1), place._replace(size=6)]
    for each in wrong:
        with pytest.raises(zipfile.BadZipFile):
            archives.read(each)
    with pytest.raises(EOFError):
        archives.read(place._replace(packed=10_000))
