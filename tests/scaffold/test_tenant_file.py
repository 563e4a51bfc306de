"""A new tenant's file says what was asked for, whatever the words are."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.load.reader import read
from generator.model.tenant import Role
from generator.scaffold import Wish, tenant_file

WISH = Wish(
    name="northwind",
    title="Northwind",
    platform="tiny",
    tier="gold",
    residency="US",
    frameworks=("soc2", "gdpr", "soc2"),
    ring="stable",
    environment="production",
    cluster="",
    standby=False,
    identities={"west-1": "00000000-0000-4000-8000-000000000003"},
    domains=("northwind.example",),
    issuer="https://login.northwind.example/",
    jwks="https://login.northwind.example/jwks.json",
    group="northwind-admins",
    cost_centre="CC-1",
    team="tiny",
    contacts={"technical": "it@northwind.example"},
    folder="new/ones",
)
PLACEMENTS = (WISH.on("west-1", Role.PRIMARY, "the cheapest"),)
TEXT = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\u2028\u2029\ufeff\ufffe\uffff"), min_size=1
)


def test_the_file_goes_below_its_folder_and_names_its_schema() -> None:
    assert WISH.path == "tenants/new/ones/northwind.yaml"
    first = tenant_file(WISH, PLACEMENTS).splitlines()[0]
    assert first == "# yaml-language-server: $schema=../../../schemas/tenant.schema.json"


def test_it_says_what_was_asked_for() -> None:
    reading = read(WISH.path, tenant_file(WISH, PLACEMENTS).encode())
    assert reading.diagnostics == ()
    spec = reading.data["spec"]
    assert spec["compliance"] == ["gdpr", "soc2"]
    assert spec["state"] == "active"
    assert spec["domains"] == [{"name": "northwind.example", "verified": False}]
    assert spec["placements"] == [
        {"cluster": "west-1", "role": "primary", "identity": "00000000-0000-4000-8000-000000000003"}
    ]


@given(title=TEXT, cost_centre=TEXT)
@example(title="12:30:45", cost_centre="010")
@example(title="no", cost_centre="1e3")
@example(title="a: b # c", cost_centre="{{ x }}")
def test_every_text_comes_back(title: str, cost_centre: str) -> None:
    wish = replace(WISH, title=title, cost_centre=cost_centre)
    reading = read(wish.path, tenant_file(wish, PLACEMENTS).encode())
    assert reading.diagnostics == ()
    assert (reading.data["spec"]["title"], reading.data["spec"]["costCentre"]) == (title, cost_centre)


def test_a_placement_says_why() -> None:
    assert "# west-1 (primary): the cheapest" in tenant_file(WISH, PLACEMENTS)
