"""A cluster that does not get every admission policy as it is written: found, and never counted as evaluated."""

from __future__ import annotations

import pytest

from generator.check import CheckResult, check
from generator.model.tree import Tree
from generator.pipeline.inputs import validate
from tests.conftest import REPOSITORY

CLUSTER = "aws-us-east-1-prod-1"
PATH = f"{CLUSTER}/cluster/policies.yaml"


@pytest.fixture(scope="module")
def text() -> str:
    return (REPOSITORY / "rendered" / PATH).read_text(encoding="utf-8")


def checked(text: str) -> CheckResult:
    fleet = validate(REPOSITORY).fleet
    assert fleet is not None
    return check(Tree({PATH: text.encode()}), {CLUSTER: "1.35"}, admission=fleet.admission)


def told(result: CheckResult) -> list[str]:
    return [each.message for each in result.diagnostics if each.code.id == "CHK125"]


def without(text: str, *kinds: str) -> str:
    """The file without the objects named mtls-strict of some kinds."""
    header, *documents = text.split("\n---\n")
    return "\n---\n".join(
        [header, *(each for each in documents if "\n  name: mtls-strict\n" not in each or not each_of(each, kinds))]
    )


def each_of(document: str, kinds: tuple[str, ...]) -> bool:
    return any(f"\nkind: {kind}\n" in document for kind in kinds)


def test_all_as_written_is_fine(text: str) -> None:
    result = checked(text)
    assert (told(result), result.unevaluated) == ([], 0)


def test_a_policy_that_is_gone_is_unevaluated(text: str) -> None:
    result = checked(without(text, "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"))
    assert told(result) == [f"policy mtls-strict is not evaluated: {CLUSTER} does not get it"]
    assert (result.policies, result.unevaluated) == (checked(text).policies, 1)


def test_a_binding_that_is_gone_is_found(text: str) -> None:
    result = checked(without(text, "ValidatingAdmissionPolicyBinding"))
    assert told(result) == [f"policy mtls-strict is not in force as written: {CLUSTER} lacks binding mtls-strict"]


def test_a_softened_policy_is_found(text: str) -> None:
    result = checked(text.replace("failurePolicy: Fail", "failurePolicy: Ignore", 1).replace("- Deny", "- Audit", 1))
    assert len(told(result)) == 2
    assert all("is not what policies/admission/" in each for each in told(result))
