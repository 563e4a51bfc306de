"""Other values of a line are valid and others."""

from __future__ import annotations

import pytest

from generator.load import load_documents
from generator.load.schema import SCHEMAS, schema_of
from generator.load.variants import REMOVED, Leaf, Variants, leaves
from generator.model.document import Document
from tests.conftest import REPOSITORY

DOCUMENTS, _ = load_documents(REPOSITORY)
VARIANTS = Variants(DOCUMENTS)


def leaf(path: str, *pointer: str | int) -> Leaf:
    document = next(each for each in DOCUMENTS if each.path == path)
    return next(each for each in leaves(document) if each.pointer == pointer)


@pytest.mark.parametrize(
    "document", [each for each in DOCUMENTS if each.kind in SCHEMAS], ids=lambda document: document.path
)
def test_every_other_value_is_valid_and_another(document: Document) -> None:
    for each in leaves(document):
        for value in VARIANTS.of(each):
            assert value != each.value
            changed = each.with_value(value)
            assert changed.data != document.data
            assert schema_of(document.kind).validator.is_valid(changed.data), (each.pointer, value)


def test_an_enumeration_offers_its_other_members() -> None:
    assert VARIANTS.of(leaf("policies/tiers/enterprise.yaml", "spec", "isolation")) == ("shared", "namespace")


def test_a_number_is_moved_by_one() -> None:
    assert VARIANTS.of(leaf("policies/tiers/enterprise.yaml", "spec", "settings", "replicas", "min"))[:2] == (4, 2)


def test_a_name_is_changed_for_another_that_is_there() -> None:
    assert VARIANTS.of(leaf("tenants/a2z-soc/acme.yaml", "spec", "platform"))[0] == "oams"


def test_an_item_can_be_taken_out() -> None:
    compliance = leaf("tenants/a2z-soc/acme.yaml", "spec", "compliance", 1)
    assert compliance.with_value(REMOVED).data["spec"]["compliance"] == ["soc2"]
    assert compliance.document.data["spec"]["compliance"] == ["soc2", "hipaa"]


def test_a_tenant_is_never_given_the_name_of_another() -> None:
    names = {document.name for document in DOCUMENTS}
    assert not names & set(VARIANTS.of(leaf("tenants/a2z-soc/acme.yaml", "metadata", "name")))
