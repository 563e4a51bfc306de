"""The two commands of the README: sets up a virtual environment in .venv, then runs the example, the tests, or the
benchmarks (`make bench`).

Needs Python 3.11 or newer and git, and nothing else. The environment is made once and renewed when pyproject.toml
changes; delete .venv to start afresh.
"""

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent
ENVIRONMENT = HERE / ".venv"
STAMP = ENVIRONMENT / "installed"
BIN = ENVIRONMENT / ("Scripts" if os.name == "nt" else "bin")

EXAMPLE = (("validate",), ("render", "--check"), ("check",), ("tenant", "list", "--tier", "enterprise"))
"""The main job on the example fleet."""

TESTS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("lint-imports",),
    ("pytest", "--numprocesses", "auto", "--dist", "worksteal"),
    ("tenantry", "render", "--check"),
)
"""Everything that has to pass before a change lands."""


def main(arguments: list[str]) -> int:
    """Runs `example`, `tests` or `bench`; what comes after the word goes to the program (for `tests`, to pytest)."""
    if sys.version_info < (3, 11):  # noqa: UP036 - it is started by whatever python3 is
        print(f"Tenantry needs Python 3.11 or newer; this is {sys.version.split()[0]}", file=sys.stderr)
        return 2
    match arguments:
        case ["example"]:
            set_up()
            return run(*(("tenantry", *words) for words in EXAMPLE))
        case ["tests", *more]:
            set_up()
            return run(*((*words, *more) if words[0] == "pytest" else words for words in TESTS))
        case ["bench", *more]:
            set_up()
            return run(("python", str(HERE / "benchmarks" / "bench.py"), *more))
        case _:
            what = "example | tests [pytest's options] | bench [its options]"
            print(f"usage: {Path(sys.argv[0]).name} {what}", file=sys.stderr)
            return 2


def set_up() -> None:
    """Makes the environment, unless it stands and was made from this very pyproject.toml."""
    wanted = hashlib.sha256((HERE / "pyproject.toml").read_bytes() + sys.version.encode()).hexdigest()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return
    print("setting up .venv (once)", file=sys.stderr)
    venv.create(ENVIRONMENT, clear=True, with_pip=True)
    # What is imported is compiled then; to compile all of it takes a third of the time.
    install = [str(BIN / "python"), "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
    subprocess.run([*install, "--editable", f"{HERE}[dev]"], check=True)
    STAMP.write_text(wanted)


def run(*commands: tuple[str, ...]) -> int:
    """Runs each command, shows what it is, and stops at the first that fails."""
    for name, *words in commands:
        print(f"$ {' '.join((name, *words))}", file=sys.stderr, flush=True)
        code = subprocess.run([BIN / name, *words], cwd=HERE, check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
