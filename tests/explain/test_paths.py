"""Fields as people write them lead to the values meant."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.paths import NoSuchFieldError, at, pointer_to, scalars, written

DATA = {
    "metadata": {"labels": {"app": "short", "app.kubernetes.io/name": "long"}},
    "spec": {"containers": [{"name": "api", "ports": [80]}, {"name": "proxy", "ports": []}]},
}


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("", ()),
        ("spec.containers[1].name", ("spec", "containers", 1, "name")),
        (".spec.containers[name=proxy].ports", ("spec", "containers", 1, "ports")),
        ("metadata.labels.app", ("metadata", "labels", "app")),
        ("metadata.labels.app.kubernetes.io/name", ("metadata", "labels", "app.kubernetes.io/name")),
    ],
)
def test_a_path_leads_to_its_value(path: str, pointer: tuple[str | int, ...]) -> None:
    assert pointer_to(DATA, path) == pointer


@pytest.mark.parametrize(
    ("path", "missing", "known"),
    [
        ("spec.container", "container", ("containers",)),
        ("spec.containers[2]", "[2]", ("[0]", "[1]")),
        ("spec.containers[name=web]", "[name=web]", ("[name=api]", "[name=proxy]")),
        ("spec.containers.name", "name", ("[0]", "[1]")),
        ("metadata.labels.app.x", "x", ()),
    ],
)
def test_a_path_that_leads_nowhere_says_how_far_it_led(path: str, missing: str, known: tuple[str, ...]) -> None:
    with pytest.raises(NoSuchFieldError) as raised:
        pointer_to(DATA, path)
    assert (raised.value.missing, raised.value.known) == (missing, known)


KEYS = st.text("abz/-", min_size=1, max_size=4)
TREES: st.SearchStrategy[Any] = st.recursive(
    st.integers(), lambda inner: st.dictionaries(KEYS, inner, max_size=3) | st.lists(inner, max_size=3), max_leaves=12
)


@given(TREES.filter(lambda data: isinstance(data, dict)))
def test_what_is_written_of_a_pointer_leads_back(data: Any) -> None:
    for pointer, value in scalars(data):
        assert pointer_to(data, written(pointer)) == pointer
        assert at(data, pointer) == value
