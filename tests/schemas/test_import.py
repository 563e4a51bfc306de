"""`tenantry schemas import`: what becomes of definitions, and that objects are then checked by them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import jsonschema_rs
import pytest
import yaml
from click.testing import CliRunner, Result

from generator.check import kubeconform
from generator.check.contracts import Contracts
from generator.check.definitions import SIZE_LIMIT, Source, imported
from generator.cli import main
from generator.report.text import text
from tests.fleets import small_fleet

CASES = sorted((Path(__file__).parent / "cases").iterdir())
CLOSED = Path(__file__).parent / "cases/every_object_is_closed_as_the_api_server_closes_it/definition.yaml"
TEMPLATE = """\
{# A widget of each tenant. #}
apiVersion: example.com/v1
kind: Widget
metadata:
  name: widget
  namespace: {{ tenant.namespace }}
spec:
  size: 3
"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Path, expect: Callable[[Path, str], None]) -> None:
    source = Source("crds.yaml", "crds.yaml", (case / "definition.yaml").read_bytes())
    made, faults = imported([source])
    files = "".join(f"--- {each.path}\n{each.text.decode()}" for each in made)
    expect(case / "expected.txt", text(faults) + files)
    for each in made:
        jsonschema_rs.meta.validate(json.loads(each.text))


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small fleet with a template of its own for a kind that nothing is known of."""
    root = small_fleet(tmp_path)
    own = root / "templates/tenant/workload/widget.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(TEMPLATE)
    monkeypatch.chdir(root)
    monkeypatch.setattr(kubeconform, "installed", lambda: None)
    monkeypatch.delenv("KUBECONFIG", raising=False)
    return root


def run(*words: str, text: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, list(words), prog_name="tenantry", input=text)


def render(root: Path, spec: str) -> None:
    (root / "templates/tenant/workload/widget.yaml").write_text(TEMPLATE.replace("size: 3", spec))
    assert run("render", "--jobs", "1").exit_code == 0


def findings(result: Result) -> set[tuple[str, str]]:
    """The errors, but for those of the tenants' projects, which do not admit the kind."""
    found = json.loads(result.stdout)["findings"]
    errors = (each for each in found if each["severity"] == "error" and each["code"] != "CHK064")
    return {(each["code"], each["message"]) for each in errors}


def test_an_import_makes_a_kind_checked_and_finds_what_is_wrong(fleet: Path) -> None:
    render(fleet, "size: 3")
    before = run("check", "--format", "json")
    assert json.loads(before.stdout)["summary"]["unchecked"] == 4
    assert run("schemas", "import", str(CLOSED)).stdout == "added    crds/example.com/widget_v1.json\n"
    after = run("check", "--format", "json")
    assert (json.loads(after.stdout)["summary"]["unchecked"], findings(after)) == (0, set())
    render(fleet, "sise: 3")
    assert {code for code, message in findings(run("check", "--format", "json")) if "sise" in message} == {"CHK081"}
    render(fleet, "size: many")
    assert {code for code, message in findings(run("check", "--format", "json")) if "spec.size" in message} == {
        "CHK080"
    }


def test_an_imported_schema_goes_before_the_shipped_one(fleet: Path) -> None:
    definition = CLOSED.read_text().replace("example.com", "cert-manager.io").replace("Widget", "Certificate")
    assert run("schemas", "import", "-", text=definition).exit_code == 0
    render(fleet, "size: 3")
    messages = {message for _, message in findings(run("check", "--format", "json"))}
    assert any("crds/cert-manager.io/certificate_v1.json" in message for message in messages)
    listed = run("schemas", "list", "--kind", "Certificate").stdout.splitlines()[1:]
    assert [line.split() for line in listed] == [
        ["Certificate", "cert-manager.io/v1", "crds/cert-manager.io/certificate_v1.json"]
    ]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("example.com/widget_v1.json", "{", "the schema is no JSON"),
        ("example.com/widget_v1.json", "[]", "no JSON object"),
        ("example.com/widget_v1.json", '{"type": "thing"}', "does not compile"),
        ("example.com/widget_v1.json", '{"$ref": "https://example.com/x.json"}', "does not compile"),
        ("example.com/widget_v1.json", '{"properties": {"kind": {"const": "Gadget"}}}', "of another kind"),
        ("example.com/widget_v1.json", "[" * 100_000, "the schema is no JSON"),
        ("widget.json", "{}", "read by nobody"),
    ],
)
def test_a_schema_that_cannot_be_used_is_a_finding_and_its_objects_stay_unchecked(
    fleet: Path, name: str, content: str, words: str
) -> None:
    file = fleet / "crds" / name
    file.parent.mkdir(parents=True)
    file.write_text(content)
    render(fleet, "size: 3")
    result = run("check", "--format", "json")
    assert result.exit_code == 1
    assert [(code, words in message) for code, message in findings(result)] == [("CHK140", True)]
    assert json.loads(result.stdout)["summary"]["unchecked"] == 4
    listed = run("schemas", "list")
    assert (listed.exit_code, "CHK140" in listed.stderr, "Widget" in listed.stdout) == (1, True, False)


def test_kubeconform_is_given_the_fleets_own_schemas_and_no_broken_one(tmp_path: Path) -> None:
    (made,), _ = imported([Source("x", "x", CLOSED.read_bytes())])
    own = Contracts({made.path: made.text, "example.com/broken_v1.json": b"{", "cert-manager.io/issuer_v1.json": b"{"})
    kubeconform.write_contracts(tmp_path, own)
    written = {file.relative_to(tmp_path).as_posix(): file.read_bytes() for file in tmp_path.rglob("*.json")}
    assert written[made.path] == made.text
    assert "cert-manager.io/certificate_v1.json" in written
    assert not {"example.com/broken_v1.json", "cert-manager.io/issuer_v1.json"} & written.keys()


def test_an_import_that_fails_writes_nothing_and_leaves_what_is_there(fleet: Path) -> None:
    assert run("schemas", "import", str(CLOSED)).exit_code == 0
    (fleet / "crds/README.md").write_text("Ours.\n")
    held = {file: file.read_bytes() for file in (fleet / "crds").rglob("*") if file.is_file()}
    good = CLOSED.read_text().replace("minimum: 0, ", "").replace("exclusiveMinimum: true", "minimum: 1")
    bad = (CLOSED.parents[1] / "all_that_is_wrong_is_told_at_once/definition.yaml").read_text()
    result = run("schemas", "import", "-", text=f"{good}---\n{bad}")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing is written; 5 errors" in result.stderr
    assert {file: file.read_bytes() for file in (fleet / "crds").rglob("*") if file.is_file()} == held
    changed = run("schemas", "import", "-", text=good)
    assert changed.stdout == "changed  crds/example.com/widget_v1.json\n"
    assert (fleet / "crds/README.md").exists()
    assert run("schemas", "import", "-", text=good).stdout == "same     crds/example.com/widget_v1.json\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"kind: \xff\n", "UTF-8"), (b"#" * (SIZE_LIMIT + 1), "at most 25,000,000 bytes"), (b"- " * 100_000, "YAML")],
    ids=["not UTF-8", "too large", "too deep"],
)
def test_what_cannot_be_read_is_a_finding(fleet: Path, content: bytes, words: str) -> None:
    (fleet / "x.yaml").write_bytes(content)
    result = run("schemas", "import", "x.yaml")
    assert result.exit_code == 1
    assert "error[CHK141]" in result.stderr
    assert words in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "Name files"),
        (["--from-cluster", "x.yaml"], "Name files"),
        (["--context", "a", "x.yaml"], "--context goes with --from-cluster"),
        (["gone.yaml"], "gone.yaml: No such file or directory"),
        ([str(CLOSED), "--kind", "Wigdet"], "did you mean 'Widget'?"),
        ([str(CLOSED), "--group", "exmaple.com"], "did you mean 'example.com'?"),
    ],
)
def test_wrong_use_is_refused(fleet: Path, words: list[str], said: str) -> None:
    result = run("schemas", "import", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert not (fleet / "crds").exists()


def test_the_order_of_fields_and_files_does_not_change_a_byte() -> None:
    data = yaml.safe_load(CLOSED.read_text())
    other = {**data, "metadata": {"name": "gadgets.example.com"}, "spec": {**data["spec"], "names": {"kind": "Gadget"}}}

    def turned(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: turned(value[key]) for key in reversed(list(value))}
        return [turned(each) for each in value] if isinstance(value, list) else value

    texts = [json.dumps(each).encode() for each in (data, other, turned(data), turned(other))]
    one = imported([Source("a", "x", texts[0]), Source("b", "x", texts[1])])
    assert len(one[0]) == 2
    assert one == imported([Source("b", "x", texts[3]), Source("a", "x", texts[2])])


def test_the_schema_says_where_it_is_from_and_not_where_the_checkout_stands(fleet: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.yaml").write_text(CLOSED.read_text())
    made = fleet / "crds/example.com/widget_v1.json"
    for file, origin in ((tmp_path / "outside.yaml", "outside.yaml"), (fleet / "vendor/w.yaml", "vendor/w.yaml")):
        file.parent.mkdir(exist_ok=True)
        file.write_text(CLOSED.read_text())
        assert run("schemas", "import", str(file)).exit_code == 0
        assert f"from {origin}:" in json.loads(made.read_text())["$comment"]


# A cluster


class Server(BaseHTTPRequestHandler):
    """As much of an API server as hands out definitions, one a page."""

    answer: tuple[int, bytes] | None = None
    asked: list[str] = []  # noqa: RUF012  one server at a time

    def do_GET(self) -> None:
        """Answers a request for a list."""
        self.asked.append(self.path)
        status, body = self.answer or (200, self.page())
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page(self) -> bytes:
        second = "continue" in parse_qs(urlparse(self.path).query)
        data = yaml.safe_load(CLOSED.read_text().replace("Widget", "Gadget" if second else "Widget"))
        item = {"metadata": data["metadata"], "spec": data["spec"], "status": {"unheardOf": True}}
        metadata = {} if second else {"continue": "next"}
        return json.dumps({"kind": "CustomResourceDefinitionList", "metadata": metadata, "items": [item]}).encode()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def server(fleet: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Server]]:
    pytest.importorskip("kubernetes", reason="the Kubernetes client is not installed")
    http = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "me"}}],
        "clusters": [{"name": "here", "cluster": {"server": f"http://127.0.0.1:{http.server_port}"}}],
        "users": [{"name": "me", "user": {"token": "t"}}],
    }
    (tmp_path / "config").write_text(yaml.safe_dump(config))
    monkeypatch.setattr("kubernetes.config.kube_config.KUBE_CONFIG_DEFAULT_LOCATION", str(tmp_path / "config"))
    monkeypatch.setattr(Server, "answer", None)
    monkeypatch.setattr(Server, "asked", [])
    yield Server
    http.shutdown()
    http.server_close()
    thread.join()


def test_a_cluster_hands_out_its_definitions_page_by_page(fleet: Path, server: type[Server]) -> None:
    result = run("schemas", "import", "--from-cluster")
    assert result.exit_code == 0, result.stderr
    assert result.stdout.split() == [
        "added", "crds/example.com/gadget_v1.json", "added", "crds/example.com/widget_v1.json",
    ]  # fmt: skip
    assert len(server.asked) == 2
    made = json.loads((fleet / "crds/example.com/widget_v1.json").read_text())
    assert made["$comment"].startswith("Imported by tenantry from the cluster of context here:")
    only = run("schemas", "import", "--from-cluster", "--context", "here", "--kind", "Gadget")
    assert only.stdout == "same     crds/example.com/gadget_v1.json\n"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((403, b"{}"), "does not hand out its definitions: 403"),
        ((200, b"<html>"), "does not answer"),
        ((200, b'{"items": 1}'), "its answer is no list of definitions"),
    ],
)
def test_a_cluster_that_refuses_is_told_in_a_sentence(
    fleet: Path, server: type[Server], answer: tuple[int, bytes], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Server, "answer", answer)
    result = run("schemas", "import", "--from-cluster")
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_context_that_is_not_there_and_a_cluster_that_is_gone(
    fleet: Path, server: type[Server], tmp_path: Path
) -> None:
    unknown = run("schemas", "import", "--from-cluster", "--context", "there")
    assert "has no context 'there'; it has here" in unknown.stderr
    config = tmp_path / "config"
    config.write_text(config.read_text().replace("http://127.0.0.1:", "http://127.0.0.1:1?"))
    gone = run("schemas", "import", "--from-cluster")
    assert (unknown.exit_code, gone.exit_code) == (2, 2)
    assert len(gone.stderr.splitlines()) == 1
    config.unlink()
    none = run("schemas", "import", "--from-cluster")
    assert (none.exit_code, "no cluster can be found by the kubeconfig" in none.stderr) == (2, True)


def test_without_the_client_it_says_how_to_get_it(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "kubernetes.client", None)
    result = run("schemas", "import", "--from-cluster")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: the Kubernetes client is not installed: pip install 'tenantry[cluster]'\n",
    )


def test_what_a_definition_says_of_scope_and_rules_is_used_and_told(fleet: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object", "properties": {"size": {"type": "integer"}}}},
        "x-kubernetes-validations": [{"rule": "self.spec.size < 2"}],
    }
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Cluster",
            "names": {"kind": "Widget", "plural": "widgets"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}],
        },
    }
    assert run("schemas", "import", "-", text=json.dumps(definition)).exit_code == 0
    render(fleet, "size: 3")
    said = {each["code"] for each in json.loads(run("check", "--format", "json").stdout)["findings"]}
    assert {"CHK011", "CHK085"} <= said
    assert "CHK012" not in said
