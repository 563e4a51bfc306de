"""The schemas of the inputs, and the example fleet held against them.

The files are read by PyYAML here, which follows YAML 1.1: no input may mean something else under one YAML than under
another.
"""

from __future__ import annotations

import copy
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import jsonschema_rs
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

REPOSITORY = Path(__file__).parent.parent.parent
Schema: TypeAlias = dict[str, Any]
Way: TypeAlias = tuple[str | int, ...]

KINDS = {
    "Fleet": "fleet",
    "Tenant": "tenant",
    "Region": "region",
    "Platform": "platform",
    "Tier": "tier",
    "ComplianceFramework": "compliance",
    "Provider": "provider",
    "Guards": "guards",
    "Approval": "approval",
    "Baseline": "baseline",
}
SCHEMAS: dict[str, Schema] = {
    kind: json.loads((REPOSITORY / f"schemas/{file}.schema.json").read_text(encoding="utf-8"))
    for kind, file in KINDS.items()
}
VALIDATORS = {kind: jsonschema_rs.Draft202012Validator(schema) for kind, schema in SCHEMAS.items()}
FOLDERS = ("platforms", "regions", "policies/tiers", "policies/compliance", "policies/providers", "tenants")
INPUTS: dict[str, Any] = {
    file.relative_to(REPOSITORY).as_posix(): yaml.safe_load(file.read_text(encoding="utf-8"))
    for file in [
        REPOSITORY / "fleet.yaml",
        REPOSITORY / "policies/guards.yaml",
        *(file for folder in FOLDERS for file in sorted((REPOSITORY / folder).rglob("*.yaml"))),
    ]
}

each_schema = pytest.mark.parametrize("kind", KINDS)
each_input = pytest.mark.parametrize("path", INPUTS)


def subschemas(schema: Schema, way: str = "") -> Iterator[tuple[str, Schema]]:
    """Every schema inside a schema that says what a value may be, itself included, with a readable way to it."""
    yield way or "the document", schema
    for word in ("properties", "$defs"):
        for name, inner in schema.get(word, {}).items():
            yield from subschemas(inner, f"{way}.{name}")
    for word in ("items", "additionalProperties", "propertyNames"):
        if isinstance(schema.get(word), dict):
            yield from subschemas(schema[word], f"{way}.{word}")


def of_kind(kind: str) -> list[Any]:
    return [data for data in INPUTS.values() if data["kind"] == kind]


def errors(data: Any) -> list[str]:
    return [error.message for error in VALIDATORS[data["kind"]].iter_errors(data)]


def changed(path: str, way: Way, value: Any) -> Any:
    """One input with one value set; `...` takes the key away instead."""
    data = copy.deepcopy(INPUTS[path])
    inner = data
    for step in way[:-1]:
        inner = inner[step]
    if value is ...:
        del inner[way[-1]]
    else:
        inner[way[-1]] = value
    return data


# The schemas themselves


@each_schema
def test_a_schema_is_valid_under_its_own_draft(kind: str) -> None:
    assert SCHEMAS[kind]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema_rs.meta.validate(SCHEMAS[kind])


@each_schema
def test_everything_in_a_schema_says_what_it_is_for(kind: str) -> None:
    assert [way for way, schema in subschemas(SCHEMAS[kind]) if not schema.get("description")] == []


@each_schema
def test_every_object_is_closed(kind: str) -> None:
    """Fixed keys and no others, or any keys of one form with values of one form."""
    open_ones = [
        way
        for way, schema in subschemas(SCHEMAS[kind])
        if schema.get("type") == "object"
        and not (schema.get("additionalProperties") is False and "properties" in schema)
        and not (isinstance(schema.get("additionalProperties"), dict) and "pattern" in schema.get("propertyNames", {}))
    ]
    assert open_ones == []


@each_schema
def test_every_value_has_one_known_type(kind: str) -> None:
    untyped = [
        way for way, schema in subschemas(SCHEMAS[kind]) if not {"type", "const", "$ref", "pattern"} & schema.keys()
    ]
    assert untyped == []


@each_schema
def test_every_string_is_bounded(kind: str) -> None:
    """By a pattern, an enumeration or a length: nothing unbounded reaches an annotation or a name."""
    bounds = {"enum", "const", "pattern"}
    loose = [
        way
        for way, schema in subschemas(SCHEMAS[kind])
        if schema.get("type") == "string" and not bounds & schema.keys()
    ]
    assert loose == []


@each_schema
def test_what_is_required_exists(kind: str) -> None:
    for way, schema in subschemas(SCHEMAS[kind]):
        assert set(schema.get("required", ())) <= schema.get("properties", {}).keys(), way


@each_schema
def test_every_example_is_valid_where_it_stands(kind: str) -> None:
    definitions = {"$defs": SCHEMAS[kind].get("$defs", {})}
    for way, schema in subschemas(SCHEMAS[kind]):
        validator = jsonschema_rs.Draft202012Validator({**schema, **definitions})
        for example in schema.get("examples", ()):
            assert validator.is_valid(example), f"{way}: {example!r}"


@each_schema
def test_every_default_is_valid_where_it_stands(kind: str) -> None:
    for way, schema in subschemas(SCHEMAS[kind]):
        if "default" in schema:
            assert jsonschema_rs.Draft202012Validator(schema).is_valid(schema["default"]), way


@each_schema
def test_references_stay_in_the_file(kind: str) -> None:
    for way, schema in subschemas(SCHEMAS[kind]):
        if "$ref" in schema:
            assert schema["$ref"].removeprefix("#/$defs/") in SCHEMAS[kind]["$defs"], way


@each_schema
def test_patterns_cover_the_whole_value_and_need_no_lookaround(kind: str) -> None:
    """Editors, Python and the validator's engine differ in lookaround and in what an unanchored pattern covers."""
    for way, schema in subschemas(SCHEMAS[kind]):
        if "pattern" in schema:
            pattern = schema["pattern"]
            assert pattern.startswith("^"), way
            assert pattern.endswith("$"), way
            assert "(?" not in pattern, way
            re.compile(pattern)


@pytest.mark.parametrize("name", ["settings", "cpu", "memory", "url", "amount", "jurisdiction", "labels"])
def test_a_definition_that_files_repeat_is_the_same_in_all_of_them(name: str) -> None:
    found = [schema["$defs"][name] for schema in SCHEMAS.values() if name in schema.get("$defs", {})]
    assert found
    assert all(definition == found[0] for definition in found)


@each_schema
def test_a_schema_is_laid_out_one_property_a_line(kind: str) -> None:
    text = (REPOSITORY / f"schemas/{KINDS[kind]}.schema.json").read_text(encoding="utf-8")
    assert text == json.dumps(SCHEMAS[kind], indent=2, ensure_ascii=False) + "\n"


# The example fleet


@each_input
def test_an_input_is_valid(path: str) -> None:
    assert errors(INPUTS[path]) == []


@each_input
def test_an_input_names_its_schema_in_its_first_line(path: str) -> None:
    first = (REPOSITORY / path).read_text(encoding="utf-8").splitlines()[0]
    schema = first.removeprefix("# yaml-language-server: $schema=")
    expected = REPOSITORY / f"schemas/{KINDS[INPUTS[path]['kind']]}.schema.json"
    assert ((REPOSITORY / path).parent / schema).resolve() == expected.resolve()


@each_input
def test_an_input_is_named_after_its_file(path: str) -> None:
    if INPUTS[path]["kind"] not in ("Fleet", "Guards"):
        assert INPUTS[path]["metadata"]["name"] == Path(path).stem


def test_the_example_tenants_use_everything_there_is() -> None:
    tenants = [data["spec"] for data in of_kind("Tenant")]
    names = {kind: {data["metadata"]["name"] for data in of_kind(kind)} for kind in KINDS}
    cells = {cell["name"]: region["spec"] for region in of_kind("Region") for cell in region["spec"]["clusters"]}
    choices = SCHEMAS["Tenant"]["properties"]["spec"]["properties"]
    assert len(tenants) >= 26
    assert {spec["platform"] for spec in tenants} == names["Platform"]
    assert {spec["tier"] for spec in tenants} == names["Tier"]
    assert {name for spec in tenants for name in spec["compliance"]} == names["ComplianceFramework"]
    assert {spec["state"] for spec in tenants} == set(choices["state"]["enum"])
    assert {spec["ring"] for spec in tenants} == set(choices["ring"]["enum"])
    placed = [cells[placement["cluster"]] for spec in tenants for placement in spec["placements"]]
    assert {region["provider"] for region in placed} == names["Provider"]
    assert any(len(spec["placements"]) == 2 for spec in tenants)
    assert {domain["verified"] for spec in tenants for domain in spec.get("domains", ())} == {True, False}
    assert {field for spec in tenants for field in spec.get("overrides", ())} == {
        *SCHEMAS["Tenant"]["$defs"]["settings"]["properties"]
    }


def test_every_production_region_has_a_cell_and_both_platforms_stand_on_every_provider() -> None:
    regions = [data["spec"] for data in of_kind("Region")]
    assert len(regions) == 11
    assert all(any(cell["environment"] == "production" for cell in region["clusters"]) for region in regions)
    stands = {
        (region["provider"], platform)
        for region in regions
        for cell in region["clusters"]
        for platform in cell["platforms"]
    }
    assert stands == {(provider, platform) for provider in ("aws", "azure", "gcp") for platform in ("a2z-soc", "oams")}


def test_no_domain_belongs_to_two_tenants() -> None:
    domains = Counter(domain["name"] for data in of_kind("Tenant") for domain in data["spec"].get("domains", ()))
    assert [name for name, count in domains.items() if count > 1] == []


def test_every_address_of_a_tenant_is_one_that_nobody_can_own() -> None:
    """RFC 2606 keeps .example free: the example fleet can write to no one and point at no one."""
    for data in of_kind("Tenant"):
        spec = data["spec"]
        hosts = [domain["name"] for domain in spec.get("domains", ())]
        hosts += [address.partition("@")[2] for address in spec["contacts"].values()]
        hosts += [spec["identity"][field].split("/")[2] for field in ("issuer", "jwks")]
        assert all(host.endswith(".example") for host in hosts), data["metadata"]["name"]


def test_the_digest_of_an_example_image_is_made_from_its_name() -> None:
    for data in of_kind("Platform"):
        for service in data["spec"]["services"]:
            image = service["image"]
            digest = hashlib.sha256(f"{image['repository']}:{image['tag']}".encode()).hexdigest()
            assert image["digest"] == f"sha256:{digest}", service["name"]


def test_the_longest_prefix_of_a_platform_is_never_a_tie() -> None:
    for data in of_kind("Platform"):
        prefixes = [service["route"]["prefix"] for service in data["spec"]["services"] if "route" in service]
        assert len(prefixes) == len(set(prefixes)), data["metadata"]["name"]


# What is refused

ACME, EAST, API = "tenants/a2z-soc/acme.yaml", "regions/us-east-1.yaml", "platforms/a2z-soc.yaml"
AWS, GOLD, HIPAA, GUARDS = (
    "policies/providers/aws.yaml",
    "policies/tiers/enterprise.yaml",
    "policies/compliance/hipaa.yaml",
    "policies/guards.yaml",
)
IMAGE: Way = ("spec", "services", 0, "image")
CELL: Way = ("spec", "clusters", 0)


@pytest.mark.parametrize(
    ("path", "way", "value"),
    [
        pytest.param(ACME, ("metadata", "name"), "ac--me", id="a double hyphen in a tenant's name"),
        pytest.param(ACME, ("metadata", "name"), "acme-", id="a hyphen at the end of a tenant's name"),
        pytest.param(ACME, ("metadata", "name"), "1acme", id="a tenant's name that begins with a digit"),
        pytest.param(ACME, ("metadata", "name"), "Acme", id="a capital in a tenant's name"),
        pytest.param(ACME, ("metadata", "name"), "a" * 33, id="a tenant's name of 33 characters"),
        pytest.param(ACME, ("metadata", "name"), "acme\n", id="a line break after a tenant's name"),
        pytest.param(ACME, ("metadata", "name"), False, id="a tenant's name that YAML 1.1 read as a boolean"),
        pytest.param(ACME, ("metadata", "labels"), {"a": "b"}, id="labels in the metadata"),
        pytest.param(ACME, ("apiVersion",), "tenantry.dev/v2", id="a version of the format that there is not"),
        pytest.param(ACME, ("kind",), ..., id="a missing kind"),
        pytest.param(ACME, ("spec", "compliance"), ..., id="a tenant that leaves compliance unsaid"),
        pytest.param(ACME, ("spec", "compliance"), ["soc2", "soc2"], id="a framework listed twice"),
        pytest.param(ACME, ("spec", "placements"), [], id="a tenant without a placement"),
        pytest.param(ACME, ("spec", "residency"), "us", id="a residency in lower case"),
        pytest.param(ACME, ("spec", "residency"), "anywhere", id="a residency that is no jurisdiction"),
        pytest.param(ACME, ("spec", "title"), "Acme\nCorporation", id="a line break in a title"),
        pytest.param(ACME, ("spec", "title"), "Acme\x1b[31m", id="a control character in a title"),
        pytest.param(ACME, ("spec", "title"), "A" * 101, id="a title of 101 characters"),
        pytest.param(ACME, ("spec", "note"), "a\x00b", id="a NUL in a note"),
        pytest.param(ACME, ("spec", "identity", "group"), "system:masters", id="a group of Kubernetes itself"),
        pytest.param(ACME, ("spec", "identity", "issuer"), "http://login.acme.example/", id="an issuer without TLS"),
        pytest.param(ACME, ("spec", "identity", "issuer"), "https://*/", id="an issuer with a wildcard"),
        pytest.param(ACME, ("spec", "domains", 0, "name"), "localhost", id="a domain of one label"),
        pytest.param(ACME, ("spec", "domains", 0, "name"), "*.acme.example", id="a wildcard domain"),
        pytest.param(ACME, ("spec", "domains", 0, "name"), "SOC.acme.example", id="a domain with capitals"),
        pytest.param(ACME, ("spec", "domains", 0, "name"), "10.0.0.1", id="an address instead of a domain"),
        pytest.param(ACME, ("spec", "domains", 0, "name"), f"{'a.' * 126}ab", id="a domain of 254 characters"),
        pytest.param(ACME, ("spec", "costCentre"), 4711, id="a cost centre that YAML read as a number"),
        pytest.param(ACME, ("spec", "contacts"), {}, id="a tenant whom nobody answers for"),
        pytest.param(ACME, ("spec", "contacts"), {"sales": "a@b.example"}, id="a contact of an unknown role"),
        pytest.param(ACME, ("spec", "overrides", "limits"), {"cpu": "0m"}, id="no CPU at all"),
        pytest.param(ACME, ("spec", "overrides", "limits"), {"cpu": "1.5"}, id="CPU as a fraction"),
        pytest.param(ACME, ("spec", "overrides", "limits"), {"memory": "8G"}, id="memory in decimal units"),
        pytest.param(ACME, ("spec", "overrides", "replica"), {"max": 3}, id="a misspelt override"),
        pytest.param(EAST, (*CELL, "kubernetes"), 1.34, id="a Kubernetes version that YAML read as a number"),
        pytest.param(EAST, (*CELL, "kubernetes"), "1.28", id="a Kubernetes version that is not rendered for"),
        pytest.param(EAST, (*CELL, "name"), "a" * 31, id="a cell's name of 31 characters"),
        pytest.param(EAST, (*CELL, "ingress"), "ingress", id="an ingress that is neither a DNS name nor an address"),
        pytest.param(EAST, (*CELL, "nodePools", 1, "taint"), "dedicated", id="a taint without a value"),
        pytest.param(EAST, ("spec", "clusters"), [], id="a region without a cell"),
        pytest.param(EAST, ("spec", "account"), 111122223333, id="an account that YAML read as a number"),
        pytest.param(EAST, ("spec", "label"), "us--east", id="a double hyphen in a region's label"),
        pytest.param(API, (*IMAGE, "tag"), "latest", id="the tag latest"),
        pytest.param(API, (*IMAGE, "digest"), "sha256:abc", id="a digest that is too short"),
        pytest.param(API, (*IMAGE, "repository"), "registry.example.com/a2z-soc/api:1", id="a tag in the repository"),
        pytest.param(API, ("spec", "settings", "accessLogs"), ..., id="a platform that leaves a default unsaid"),
        pytest.param(API, ("spec", "settings", "retention", "logs"), ..., id="a platform without one retention"),
        pytest.param(API, ("spec", "namespace"), "kube-system", id="a platform in a namespace of Kubernetes' own"),
        pytest.param(API, ("spec", "namespace"), "tenant-acme", id="a platform in a tenant's namespace"),
        pytest.param(API, ("spec", "flows", 0, "labels"), {}, id="a flow to every pod of a namespace"),
        pytest.param(API, ("spec", "services", 0, "port"), 80, id="a port that needs privileges"),
        pytest.param(API, ("spec", "services", 0, "route", "prefix"), "/api/", id="a prefix with a final slash"),
        pytest.param(API, ("spec", "services", 0, "scratch", 0, "path"), "/tmp/../etc", id="a path that climbs"),
        pytest.param(AWS, ("spec", "identity", "pattern"), "arn:{region}:{name}", id="an unknown placeholder"),
        pytest.param(AWS, ("spec", "prices", "spot"), 0, id="a price of nothing"),
        pytest.param(GOLD, ("spec", "priority"), 2000000000, id="a priority that Kubernetes keeps to itself"),
        pytest.param(HIPAA, ("spec", "controls", 0, "id"), "164.312(b)", id="a control's id that is no label value"),
        pytest.param(HIPAA, ("spec", "controls"), [], id="a framework without a control"),
        pytest.param(GUARDS, ("spec", "freeze", 0, "from"), "2026-12-18", id="a freeze from a day without an hour"),
        pytest.param("fleet.yaml", ("spec", "output", "branch"), "a..b", id="a branch that git refuses"),
        pytest.param("fleet.yaml", ("spec", "output", "branch"), "rendered.lock", id="a branch that ends in .lock"),
        pytest.param(
            "fleet.yaml", ("spec", "output", "repository"), "https://a:b@git.example.com/x.git", id="a token in a URL"
        ),
    ],
)
def test_a_mistake_is_refused(path: str, way: Way, value: Any) -> None:
    data = changed(path, way, value)
    assert list(VALIDATORS[INPUTS[path]["kind"]].iter_errors(data)) != []


@pytest.mark.parametrize(
    "title", ["no", "1e3", "~", "- a", "{{ x }}", "#1", "a: b", "ねこやなぎ商会", "L’Atelier d’Élise"]
)
def test_a_title_is_free_text(title: str) -> None:
    assert errors(changed(ACME, ("spec", "title"), title)) == []


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc"], exclude_characters="\ufffe\uffff"), max_size=60))
def test_a_note_may_say_anything_printable(note: str) -> None:
    assert errors(changed(ACME, ("spec", "note"), f"{note}\n\t{note}")) == []


@given(st.text("ab1-", min_size=1, max_size=34))
def test_a_tenants_name_makes_a_label_and_leaves_the_separator_of_keys_alone(name: str) -> None:
    sound = len(name) <= 32 and name[0] in "ab" and not name.endswith("-") and "--" not in name
    assert (errors(changed(ACME, ("metadata", "name"), name)) == []) is sound
