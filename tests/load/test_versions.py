"""A library's version is found without importlib.metadata, and is what that says."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from generator.installed import version_of


@pytest.mark.parametrize("library", ["PyYAML", "jsonschema-rs", "ruamel.yaml", "ruamel_yaml", "Jinja2", "tenantry"])
def test_an_installed_library(library: str) -> None:
    assert version_of(library) == metadata.version(library)


def test_nothing_slow_is_imported_for_it() -> None:
    program = (
        "import sys; from generator.installed import program; program(); print('importlib.metadata' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout == b"False\n"


@pytest.mark.parametrize(
    "left",
    [
        {"other_lib-1.0.dist-info/METADATA": "Name: other-lib\nVersion: 1.0\n"},
        {"Other.Lib-1.0.dist-info/METADATA": "Name: Other.Lib\nVersion: 1.0\n"},
        {"other_lib-1.0rc1.dist-info/METADATA": "Name: other-lib\nVersion: 1.0-rc1\n"},
        {"other_lib.egg-info/PKG-INFO": "Name: other-lib\nVersion: 1.0\n"},
        {"other_lib-1.0-py3.11.egg-info/PKG-INFO": "Name: other-lib\nVersion: 1.0\n"},
        {
            "other_lib-1.0.dist-info/METADATA": "Name: other-lib\nVersion: 1.0\n",
            "other_lib-2.0.dist-info/METADATA": "Name: other-lib\nVersion: 2.0\n",
        },
        {"another_lib-1.0.dist-info/METADATA": "Name: another-lib\nVersion: 1.0\n"},
        {},
    ],
)
def test_whatever_an_installer_leaves(left: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path, text in left.items():
        (tmp_path / path).parent.mkdir()
        (tmp_path / path).write_text(text)
    monkeypatch.setattr(sys, "path", [str(tmp_path / "missing"), str(tmp_path)])
    try:
        stated = metadata.version("other-lib")
    except metadata.PackageNotFoundError:
        with pytest.raises(metadata.PackageNotFoundError):
            version_of("other-lib")
    else:
        assert version_of("other-lib") == stated
