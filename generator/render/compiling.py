"""Compiles a template to a function that Python runs faster than what Jinja2 makes of it, to the same text.

It is Jinja2's own compiler but for what costs most in a fleet's rendering: attributes are read and functions called
directly where the sandbox would allow that whatever the value, strings are looked up where they are written, what is
the same for every object (filters, tests, globals, Jinja2's context) is settled before, and pieces of text go into a
list. It knows only what `generator.render.source` lets through; what the function cannot do, it raises.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from io import StringIO
from keyword import iskeyword
from types import CodeType
from typing import Any, Final, TypeAlias

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, DependencyFinderVisitor, Frame
from jinja2.idtracking import VAR_LOAD_ALIAS, VAR_LOAD_RESOLVE, VAR_LOAD_UNDEFINED
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, exported
from jinja2.sandbox import modifies_known_mutable
from msgspec import Struct

from generator.render import scalars
from generator.render.layout import NAMES
from generator.render.templates import GLOBALS, Template

_DIRECT: Final = frozenset(("dict", *GLOBALS))
"""Functions whose calls the sandbox has nothing to say about."""
_GUARDED: Final = frozenset(("mro", "format", "format_map"))
"""Attributes that the sandbox refuses, or replaces, on some values."""
_GUARDED_PREFIXES: Final = ("_", "func_", "im_", "gi_", "cr_", "ag_", "co_", "f_", "tb_")
_MUTABLE: Final[tuple[Any, ...]] = (set[Any](), dict[Any, Any](), list[Any](), deque[Any]())
TABLES: Final = {"write_behind_key": "behind_key", "write_in_list": "in_list", "write_in_flow": "in_flow"}
"""The writers, by the names of their filters, and where each looks strings up."""
_SHARED: Final = frozenset(("cluster", "fleet", "platform"))
"""Variables whose values many objects have in common."""
_WHOLE: Final = frozenset(("first", "join", "last", "length", "list", "max", "min", "sort", "string", "sum"))
"""Filters that give a value that can be read again, and the same one for the same values."""
_KEPT: Final = 1_000
"""Values that one template keeps."""
_RUNTIME: Final[dict[str, Any]] = {
    **{name: getattr(jinja2.runtime, name) for name in exported},
    "cond_expr_undefined": jinja2.Undefined,
    "behind_key": scalars.BEHIND_KEY,
    "in_list": scalars.IN_LIST,
    "in_flow": scalars.IN_FLOW,
}
"""What the text of every template names."""
_KINDS: Final = ("filters", "globals", "tests")


Function: TypeAlias = Callable[[Mapping[str, Any]], str]
"""Renders a template for the variables of its scope."""


class Compiled(Struct, frozen=True):
    """A template's code, which defines `root`, and what it names beside `_RUNTIME` and what belongs to the template
    alone: the name in the code → the kind of thing (of `_KINDS`) and what Jinja2 calls it."""

    code: CodeType
    bound: Mapping[str, tuple[str, str]]


def compiled(tree: nodes.Template, template: Template, guarded: frozenset[str]) -> Compiled:
    """The code of a template. `tree` has no includes left.

    `guarded` are attributes that are read in Jinja2's way, which finds the keys of mappings as well. Raises what
    Jinja2's compiler and Python's raise for a template that only Jinja2 can run.
    """
    written = _Compiler(template.environment, template, NAMES[template.place.scope], guarded)
    written.visit(tree)
    return Compiled(compile(written.text, template.source.path, "exec"), written.bound)


def function_of(made: Compiled, template: Template) -> Function:
    """The function of a template, of its code. Raises KeyError where that names what is not there."""
    environment = template.environment
    known: dict[str, Mapping[str, Any]] = {kind: getattr(environment, kind) for kind in _KINDS}
    namespace = {
        **_RUNTIME,
        **{name: known[kind][its_name] for name, (kind, its_name) in made.bound.items()},
        "environment": environment,
        "undefined": environment.undefined,
        # Filters ask it for the environment alone, and no expression can reach it.
        "context": Context(environment, environment.globals, template.name, {}),
        "item": partial(_item, environment),
        "kept": _keeping(),
    }
    exec(made.code, namespace)  # noqa: S102 - as Jinja2 runs its own
    root: Function = namespace["root"]
    return root


class _Compiler(CodeGenerator):
    """Writes the function's text."""

    def __init__(
        self, environment: jinja2.Environment, template: Template, given: frozenset[str], guarded: frozenset[str]
    ) -> None:
        self._python = StringIO()
        super().__init__(environment, template.name, template.source.path, self._python)
        self._given = given
        self._guarded = guarded
        self._stored: frozenset[str] = frozenset()
        self._keeps = 0

        self.bound = {f"call_{name}": ("globals", name) for name in sorted(_DIRECT)}
        """As in `Compiled`."""

    @property
    def text(self) -> str:
        """The Python text."""
        return self._python.getvalue()

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: ARG002, N802
        """A function from the variables to the text."""
        self._stored = frozenset(each.name for each in node.find_all(nodes.Name) if each.ctx != "load")
        self.writeline("def root(variables):")
        self.indent()
        top = Frame(EvalContext(self.environment, self.name))
        top.symbols.analyze_node(node)
        top.toplevel = top.rootlevel = True
        self.buffer(top)
        self.enter_frame(top)
        self.pull_dependencies(node.body)
        self.blockvisit(node.body, top)
        self.writeline(f"return ''.join({top.buffer})")
        self.outdent()

    def pop_assign_tracking(self, frame: Frame) -> None:  # noqa: ARG002
        """Tells no context what is set: only includes would look there."""
        self._assign_stack.pop()

    def enter_frame(self, frame: Frame) -> None:
        """Gets the variables of a frame. Which of them the scope and Jinja2 give is known."""
        missing = []
        for target, (action, name) in frame.symbols.loads.items():
            if action == VAR_LOAD_RESOLVE and name in self._given:
                self.writeline(f"{target} = variables[{name!r}]")
            elif action == VAR_LOAD_RESOLVE and name in self.environment.globals:
                self.bound[f"global_{name}"] = ("globals", name)
                self.writeline(f"{target} = global_{name}")
            elif action in (VAR_LOAD_RESOLVE, VAR_LOAD_UNDEFINED):
                missing.append(target)
            elif action == VAR_LOAD_ALIAS:
                self.writeline(f"{target} = {name}")
        if missing:
            self.writeline(f"{' = '.join(missing)} = missing")

    def pull_dependencies(self, nodes: Iterable[nodes.Node]) -> None:
        """Filters and tests have names in the text; all are known, or the template would not have been loaded."""
        visitor = DependencyFinderVisitor()
        for node in nodes:
            visitor.visit(node)
        for names, used, kind in ((self.filters, visitor.filters, "filters"), (self.tests, visitor.tests, "tests")):
            for name in sorted(used - names.keys()):
                names[name] = self.temporary_identifier()
                self.bound[names[name]] = (kind, name)

    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:  # noqa: N802
        """`value | filter`. The writers look a string up at once, and are called for all else; what follows from shared
        variables alone is worked out once for each of their values."""
        table = TABLES.get(node.name)
        if roots := self._shared_by(node):
            self._keeps += 1
            self.write(f"kept({self._keeps}, lambda: ")
            super().visit_Filter(node, frame)
            self.write("".join(f", {frame.symbols.ref(name)}" for name in roots) + ")")
            return
        if table is None or node.node is None or isinstance(node.node, nodes.Const):
            super().visit_Filter(node, frame)
            return
        self.write(f"({table}[each] if (each := ")
        self.visit(node.node, frame)
        self.write(f").__class__ is str else {self.filters[node.name]}(each")
        for argument in node.args:
            self.write(", ")
            self.visit(argument, frame)
        self.write("))")

    def _shared_by(self, node: nodes.Filter) -> list[str]:
        """The shared variables that an expression follows from; none where there is more behind it, or it cannot be
        kept."""
        if node.name not in _WHOLE or any(node.find_all(nodes.Call)):
            return []
        names = {each.name for each in node.find_all(nodes.Name)}
        return sorted(names) if names <= _SHARED & self._given - self._stored else []

    def visit_Getitem(self, node: nodes.Getitem, frame: Frame) -> None:  # noqa: N802
        """`value[key]`."""
        if isinstance(node.arg, nodes.Slice):
            super().visit_Getitem(node, frame)
            return
        self.write("item(")
        self.visit(node.node, frame)
        self.write(", ")
        self.visit(node.arg, frame)
        self.write(")")

    def visit_Name(self, node: nodes.Name, frame: Frame) -> None:  # noqa: N802
        """A variable; those that the scope gives are there."""
        if node.ctx == "load" and node.name in self._given:
            ref = frame.symbols.ref(node.name)
            load = frame.symbols.find_load(ref)
            if load is not None and load[0] == VAR_LOAD_RESOLVE:
                self.write(ref)
                return
        super().visit_Name(node, frame)

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802
        """`value.name`."""
        if not self._is_open(node.attr):
            super().visit_Getattr(node, frame)
            return
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        """`function(…)`, and `value.method(…)`."""
        callee = node.node
        known = isinstance(callee, nodes.Name) and callee.name in _DIRECT and callee.name not in self._stored
        method = isinstance(callee, nodes.Getattr) and self._is_open(callee.attr)
        if not (known or method) or any(iskeyword(each.key) for each in node.kwargs):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        if isinstance(callee, nodes.Name):
            self.write(f"call_{callee.name}(")
        else:
            self.visit(callee, frame)
            self.write("(")
        for argument in (*node.args, *node.kwargs):
            self.visit(argument, frame)
            self.write(", ")
        for sign, spread in (("*", node.dyn_args), ("**", node.dyn_kwargs)):
            if spread is not None:
                self.write(sign)
                self.visit(spread, frame)
                self.write(", ")
        self.write(")")

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802
        """`one ~ other`, of which each is made a text, as Jinja2's own function does."""
        if frame.eval_ctx.volatile or frame.eval_ctx.autoescape:
            super().visit_Concat(node, frame)
            return
        self.write("''.join((")
        for part in node.nodes:
            text = isinstance(part, nodes.Const) and isinstance(part.value, str)
            self.write("" if text else "str(")
            self.visit(part, frame)
            self.write(", " if text else "), ")
        self.write("))")

    def _is_open(self, attribute: str) -> bool:
        return attribute not in self._guarded and _is_unwatched(attribute)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if not _is_written(node):
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if not _is_written(node):
            super()._output_child_post(node, frame, finalize)


def _item(environment: jinja2.Environment, value: Any, key: Any) -> Any:
    """`value[key]`, as the environment has it."""
    if value.__class__ in (dict, tuple, list):
        try:
            return value[key]
        except (LookupError, TypeError):
            pass
    return environment.getitem(value, key)


def _keeping() -> Callable[..., Any]:
    """What keeps values of expressions: `kept(number, make, *values)` calls `make` once for each of the values that the
    numbered expression follows from. No value changes, so that each is known by being the same."""
    known: dict[tuple[int, ...], tuple[Any, tuple[Any, ...]]] = {}

    def kept(number: int, make: Callable[[], Any], *values: Any) -> Any:
        key = (number, *map(id, values))
        found = known.get(key)
        if found is None:
            if len(known) >= _KEPT:
                known.clear()
            found = known[key] = (make(), values)  # with the values, so that no other gets their identity
        return found[0]

    return kept


def _is_written(node: nodes.Expr) -> bool:
    """Whether an expression ends in a writer, which gives a string."""
    return isinstance(node, nodes.Filter) and node.name in TABLES


def _is_unwatched(attribute: str) -> bool:
    """Whether the sandbox lets an attribute of this name be read of every value, and as it is."""
    return (
        attribute not in _GUARDED
        and not attribute.startswith(_GUARDED_PREFIXES)
        and not iskeyword(attribute)
        and not any(modifies_known_mutable(each, attribute) for each in _MUTABLE)
    )
