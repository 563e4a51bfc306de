"""The program's own templates are compiled once for all runs, as its modules are, and rendered the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from generator.pipeline.inputs import validate
from generator.pipeline.sides import SHIPPED, prepared
from generator.render import Side, everything, kept, load_templates
from generator.render import templates as templates_module
from generator.render.kept import Kept
from generator.render.running import CODE, Running, _key
from generator.render.templates import Template
from tests.fleets import SMALL


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where templates are kept, below a folder that is not there yet."""
    templates_module._recent.clear()
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "compiled"))
    found = Kept(CODE).place()
    assert found is not None
    return found


def side() -> Side:
    found = prepared(SMALL, validate(SMALL)).side
    assert found is not None
    return found


def templates(of: Side) -> list[Template]:
    return [template for group in of.templates.by_scope.values() for template in group]


def some(of: Side) -> list[Template]:
    """A few of the templates, of several scopes, where what becomes of one becomes of all."""
    return templates(of)[::10]


def compile_all(of: list[Template]) -> dict[str, Running]:
    store = Kept(CODE)
    found = {template.name: Running(template, store) for template in of}
    store.write()
    return found


def not_again(*_: object) -> None:
    raise AssertionError("it was compiled again")


def test_what_is_kept_is_not_compiled_again_and_renders_the_same(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = side()
    fresh = compile_all(templates(ours))
    assert place.is_file()
    with monkeypatch.context() as patched:
        patched.setattr("generator.render.running.compiled", not_again)
        again = compile_all(templates(ours))
    for work in everything(ours):
        for template in work.templates:
            variables = work.subject.variables
            assert again[template.name].documents(variables) == fresh[template.name].documents(variables)


def test_a_file_that_was_cut_off_or_is_of_another_program_is_not_believed(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = some(side())
    compile_all(ours)
    whole = place.read_bytes()
    for content in (b"", whole[:100], whole[:-1], b"x" + whole[1:]):
        place.write_bytes(content)
        assert [Kept(CODE).get(_key(template)) for template in ours] == [None] * len(ours)
        compile_all(ours)
        assert place.read_bytes() == whole
    monkeypatch.setattr(kept, "reader", lambda: b"another")
    assert Kept(CODE).get(_key(ours[0])) is None


def test_a_partial_that_differs_makes_another_template(tmp_path: Path) -> None:
    own = tmp_path / "templates"
    (own / "partials").mkdir(parents=True)
    partial = next(path for path in sorted((SHIPPED / "partials").iterdir()) if path.suffix == ".yaml")
    (own / "partials" / partial.name).write_text(f"{{# ours #}}\n{partial.read_text()}")
    compile_all(templates(side()))
    mixed, found = load_templates((SHIPPED, own))
    assert mixed is not None, found
    ours = [template for group in mixed.by_scope.values() for template in group]
    changed = {one.name for one in ours if any(part.name == f"partials/{partial.name}" for part in one.parts)}
    assert changed
    assert {one.name for one in ours if Kept(CODE).get(_key(one)) is None} == changed
    # What is not the program's own is never kept.
    store = Kept(CODE)
    for template in ours:
        Running(template, store)
    store.write()
    assert {one.name for one in ours if Kept(CODE).get(_key(one)) is None} == changed


def test_nothing_is_written_where_python_writes_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    compile_all(some(side()))
    assert not place.parent.exists()


def test_a_place_that_cannot_be_written_to_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path / "file"))
    ours = some(side())
    assert compile_all(ours).keys() == {template.name for template in ours}


def test_what_was_proven_of_the_program_s_own_templates_is_not_proven_again(monkeypatch: pytest.MonkeyPatch) -> None:
    first, _ = load_templates((SHIPPED,))
    assert first is not None
    templates_module._recent.clear()
    monkeypatch.setattr(templates_module, "_checked", not_again)
    again, found = load_templates((SHIPPED,))
    assert (again is not None and again.sources, found) == (first.sources, ())
    assert again is not None
    assert again.slots == first.slots


def test_where_nothing_can_be_kept_beside_the_program_the_user_s_memory_keeps_proofs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    class Memory(dict[bytes, dict[str, Any]]):
        def key(self, kind: str, name: str, raw: bytes) -> bytes:
            return f"{kind} {name} ".encode() + raw

        def keep(self, key: bytes, data: dict[str, Any]) -> None:
            self[key] = data

    memory = Memory()
    for _ in range(2):
        templates_module._recent.clear()
        assert load_templates((SHIPPED,), memory)[0] is not None
        assert len(memory) == 1
        monkeypatch.setattr(templates_module, "_checked", not_again)
