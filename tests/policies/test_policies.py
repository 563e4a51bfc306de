"""Each policy of policies/admission refuses what it is for, and nothing else.

A case is a file of objects in `cases/<policy>/`: `pass*.yaml` are let through, `fail*.yaml` say on their first line
what they are refused with. `cell.yaml` is the cell around them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.check.index import index_cluster
from generator.check.objects import read
from generator.check.policies import NO_ANSWER, REFUSED, Outcome, check
from generator.diagnostics import Diagnostic

HERE = Path(__file__).parent
ADMISSION = HERE.parents[1] / "policies" / "admission"
POLICIES = sorted(file.stem for file in ADMISSION.glob("*.yaml"))
CASES = sorted((HERE / "cases").glob("*/*.yaml"))


def findings(case: Path) -> tuple[list[Diagnostic], Outcome]:
    files = [HERE / "cell.yaml", case, ADMISSION / f"{case.parent.name}.yaml"]
    readings = [read(f"cell/cluster/{number}.yaml", file.read_bytes()) for number, file in enumerate(files)]
    assert not any(reading.faults or reading.misshapen for reading in readings)
    outcome = Outcome()
    return list(check(index_cluster("cell", "1.34", readings), outcome)), outcome


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.stem}")
def test_case(case: Path) -> None:
    found, outcome = findings(case)
    assert (outcome.policies, outcome.unevaluated) == ({case.parent.name}, set())
    messages = [diagnostic.message for diagnostic in found]
    if case.stem.startswith("pass"):
        assert messages == []
        return
    expected = case.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# expect: ")
    assert any(expected in message for message in messages), messages
    assert {diagnostic.code for diagnostic in found} == {REFUSED}
    assert NO_ANSWER not in {diagnostic.code for diagnostic in found}


def test_every_policy_has_cases_that_pass_and_cases_that_fail() -> None:
    assert len(POLICIES) >= 20
    for name in POLICIES:
        kinds = {case.stem.partition("-")[0] for case in CASES if case.parent.name == name}
        assert kinds == {"pass", "fail"}, name
    assert {case.parent.name for case in CASES} == set(POLICIES)


def test_each_file_is_one_policy_of_its_name_with_its_bindings() -> None:
    for name in POLICIES:
        text = (ADMISSION / f"{name}.yaml").read_text(encoding="utf-8")
        objects = read("a/b.yaml", text.encode()).objects
        assert text.startswith("# "), name
        assert objects[0].kind == "ValidatingAdmissionPolicy"
        assert objects[0].name == name
        assert objects[0].data["spec"]["failurePolicy"] == "Fail"
        assert len(objects) > 1
        for binding in objects[1:]:
            assert binding.kind == "ValidatingAdmissionPolicyBinding"
            assert binding.data["spec"]["policyName"] == name
            assert binding.data["spec"]["validationActions"]
