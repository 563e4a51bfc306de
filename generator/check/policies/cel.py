"""The only module that knows which CEL implementation is used (cel-expr-python, the wrapper of Google's C++ one).

It is imported when the first expression is compiled: a fleet without policies never pays for it. Expressions are
compiled once for all clusters, whose policies are the same, and see the names that Kubernetes gives them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from msgspec import Struct

from generator.check.policies.functions import FUNCTIONS
from generator.check.policies.syntax import Node, tree_of

NAMES: Final = ("object", "oldObject", "request", "namespaceObject", "params", "variables")
"""What an expression may name (Kubernetes: ValidatingAdmissionPolicy). `authorizer` asks a live cluster."""
_LIVE: Final = re.compile(r"\b(authorizer\b|request\s*\.\s*userInfo\b)")
VARIABLE: Final = re.compile(r"\bvariables\s*\.\s*([A-Za-z_]\w*)")
"""How an expression names a variable of its policy."""
_UNKNOWN: Final = re.compile(r"undeclared reference to '([^']*)'")


class Uncompiled(Struct, frozen=True):
    """Why an expression cannot be run. `here` is whether the API server may well be able to."""

    reason: str
    here: bool


class Failed(Struct, frozen=True):
    """What an expression raised instead of giving a value."""

    reason: str


class Program(Struct, frozen=True):
    """A compiled expression. `variables` are the names of those it may reach."""

    text: str
    variables: frozenset[str]
    compiled: Any

    def tree(self) -> Node:
        """Its syntax tree, with macros written out. Raises `generator.check.policies.syntax.UnclearError`."""
        return tree_of(self.compiled.serialize())

    def run(self, bindings: Any) -> Any:
        """Its value as plain Python data, or `Failed`. `bindings` is a mapping that has every one of `NAMES`, or the
        `activation` of one."""
        try:
            given = {"data": bindings} if isinstance(bindings, dict) else {"activation": bindings}
            value = self.compiled.eval(**given)
            plain = value.plain_value()
            if plain is True or plain is False or value.type().name() != "ERROR":
                return plain
            return Failed(_one_line(str(plain)))
        except Exception as fault:  # noqa: BLE001 - the binding raises what it likes for values it has no form for
            return Failed(_one_line(str(fault)) or type(fault).__name__)


def activation(bindings: Mapping[str, Any]) -> Any:
    """Bindings for several expressions: each value is taken over once, when an expression first reaches it.

    The bindings must not be changed afterwards.
    """
    return _environment().Activation(bindings)


@cache
def compiled(text: str) -> Program | Uncompiled:
    """An expression, compiled once for every cluster and policy that has it."""
    if (live := _LIVE.search(text)) is not None:
        return Uncompiled(f"`{live[1]}` is known to a live cluster only", here=True)
    try:
        return Program(text, frozenset(VARIABLE.findall(text)), _environment().compile(text))
    except Exception as fault:  # noqa: BLE001 - a RuntimeError for most faults, others for odd text
        message = str(fault)
        if unknown := _UNKNOWN.search(message):
            return Uncompiled(f"`{unknown[1]}` is not known here", here=True)
        return Uncompiled(_one_line(message.partition("ERROR: ")[2] or message), here=False)


@cache
def _environment() -> Any:
    from cel_expr_python import cel
    from cel_expr_python.ext import ext_bindings, ext_encoders, ext_math, ext_optional, ext_strings

    types = {
        "bool": cel.Type.BOOL,
        "int": cel.Type.INT,
        "double": cel.Type.DOUBLE,
        "string": cel.Type.STRING,
        "dyn": cel.Type.DYN,
        "list": cel.Type.List(cel.Type.DYN),
        "strings": cel.Type.List(cel.Type.STRING),
    }
    overloads: dict[str, list[Any]] = {}
    for function in FUNCTIONS:
        overload = cel.Overload(
            f"kubernetes_{function.name.replace('.', '_')}_{'_'.join(function.takes)}",
            types[function.gives],
            [types[each] for each in function.takes],
            function.member,
            function.run,
        )
        overloads.setdefault(function.name, []).append(overload)
    library = cel.CelExtension("kubernetes", [cel.FunctionDecl(name, each) for name, each in overloads.items()])
    extensions = [
        ext_strings.ExtStrings(),
        ext_optional.ExtOptional(),
        ext_bindings.ExtBindings(),
        ext_math.ExtMath(),
        ext_encoders.ExtEncoders(),
        library,
    ]
    return cel.NewEnv(variables=dict.fromkeys(NAMES, cel.Type.DYN), extensions=extensions)


def _one_line(text: str) -> str:
    """The first line of what the engine says, without its place and its codes."""
    first = text.strip().partition("\n")[0]
    return re.sub(r"^(<input>:\d+:\d+: |[A-Z_]+: )+", "", first)
