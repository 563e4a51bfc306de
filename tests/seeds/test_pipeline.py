"""Where the seed's file pipeline is wrong, and what is rendered instead (OAMS, "File Processing Workflow")."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import REPOSITORY
from tests.fleets.changed import Output, output

SECONDS = {
    "virus-scan": 30,
    "metadata-extraction": 60,
    "format-conversion": 300,
    "thumbnails": 120,
    "cdn-invalidation": 60,
}


@pytest.fixture(scope="module")
def found() -> Output:
    return output(REPOSITORY)


def workflows(found: Output) -> list[dict[str, Any]]:
    made = [body["spec"] for body in found.of("WorkflowTemplate")]
    assert made
    return made


def steps(spec: dict[str, Any]) -> list[dict[str, Any]]:
    return [template for template in spec["templates"] if "container" in template]


def test_every_step_has_the_seeds_timeout_and_is_tried_again(found: Output) -> None:
    for spec in workflows(found):
        assert {step["name"]: step["activeDeadlineSeconds"] for step in steps(spec)} == SECONDS
        for step in steps(spec):
            assert step["retryStrategy"]["limit"] > 0
            assert step["retryStrategy"]["backoff"]["factor"] > 1


def test_the_whole_has_time_for_every_attempt_and_an_end(found: Output) -> None:
    for spec in workflows(found):
        attempts = sum(step["activeDeadlineSeconds"] * (step["retryStrategy"]["limit"] + 1) for step in steps(spec))
        assert attempts < spec["activeDeadlineSeconds"] < 2 * attempts
        assert spec["ttlStrategy"]["secondsAfterFailure"] > spec["ttlStrategy"]["secondsAfterSuccess"]


def test_nothing_is_made_of_a_file_before_it_has_been_scanned(found: Output) -> None:
    for spec in workflows(found):
        order = next(template["steps"] for template in spec["templates"] if "steps" in template)
        assert [[step["template"] for step in group] for group in order] == [[name] for name in SECONDS]


def test_formats_and_sizes_are_the_seeds(found: Output) -> None:
    for spec in workflows(found):
        variables = {
            each["name"]: each["value"] for step in steps(spec) for each in step["container"]["env"] if "value" in each
        }
        assert variables["INPUT_FORMATS"] == "tiff,png,jpg"
        assert variables["OUTPUT_FORMATS"] == "jpg,webp"
        assert variables["THUMBNAIL_SIZES"] == "150x150,300x300,800x600"
        assert variables["THUMBNAIL_FORMAT"] == "webp"


def test_a_files_name_reaches_a_step_as_a_variable_and_in_no_command_line(found: Output) -> None:
    for spec in workflows(found):
        for step in steps(spec):
            container = step["container"]
            assert "{{" not in str(container.get("args", "")) + str(container.get("command", ""))
            assert {"name": "OBJECT", "value": "{{workflow.parameters.object}}"} in container["env"]
            assert "script" not in step


def test_no_step_runs_an_image_that_is_not_pinned(found: Output) -> None:
    for spec in workflows(found):
        for step in steps(spec):
            assert "@sha256:" in step["container"]["image"]
            assert ":latest" not in step["container"]["image"]


def test_every_pod_of_the_pipeline_is_restricted(found: Output) -> None:
    restricted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    for spec in workflows(found):
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert all(step["container"]["securityContext"] == restricted for step in steps(spec))
    for body in found.of("EventSource") + found.of("Sensor"):
        template = body["spec"]["template"]
        assert template["securityContext"]["runAsNonRoot"] is True
        assert template["container"]["securityContext"] == restricted
        assert template["metadata"]["labels"]["sidecar.istio.io/inject"] == "false"


def test_uploads_are_heard_of_from_the_providers_own_queue(found: Output) -> None:
    """The seed's trigger and its CDN step exist on one provider only."""
    kinds = {"aws": "sqs", "azure": "azureQueueStorage", "gcp": "pubSub"}
    providers = {cluster.name: cluster.provider.name for cluster in found.fleet.clusters}
    seen = set()
    for path, body in found.objects:
        if body["kind"] == "EventSource":
            provider = providers[path.split("/")[0]]
            assert set(kinds.values()) & set(body["spec"]) == {kinds[provider]}
            seen.add(provider)
    assert seen == set(kinds)


def test_the_sensor_may_start_workflows_and_nothing_else(found: Output) -> None:
    for body in found.of("Role", "/pipeline.yaml"):
        if body["metadata"]["name"] == "file-sensor":
            assert body["rules"] == [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create"]}]


def test_a_platform_without_the_section_has_no_pipeline(found: Output) -> None:
    without = {platform.name for platform in found.fleet.platforms if platform.pipeline is None}
    assert without
    for path, body in found.objects:
        if body["kind"] in ("WorkflowTemplate", "EventSource", "Sensor", "EventBus"):
            assert path.split("/")[2] not in without
