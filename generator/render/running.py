"""Runs templates faster than Jinja2 does, to the same bytes.

A template is compiled once more, by Jinja2's own compiler but for what costs most in a fleet's rendering: partials are
put in place of their includes, attributes are read and functions called directly where the sandbox would allow that
whatever the value, and pieces of text go into a list. Whenever that meets what it cannot do (an undefined name,
an attribute that is a mapping's key, a refused access) the template is run by Jinja2 itself, whose result or fault
counts. So this may be slower, but it cannot render what Jinja2 would refuse.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from keyword import iskeyword
from typing import Any, Final

import jinja2
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.idtracking import VAR_LOAD_RESOLVE
from jinja2.nodes import EvalContext
from jinja2.runtime import Context, exported
from jinja2.sandbox import modifies_known_mutable

from generator.render.layout import NAMES
from generator.render.templates import GLOBALS, Template

_DIRECT: Final = frozenset(("dict", *GLOBALS))
"""Functions whose calls the sandbox has nothing to say about."""
_GUARDED: Final = frozenset(("mro", "format", "format_map"))
"""Attributes that the sandbox refuses, or replaces, on some values."""
_GUARDED_PREFIXES: Final = ("_", "func_", "im_", "gi_", "cr_", "ag_", "co_", "f_", "tb_")
_MUTABLE: Final[tuple[Any, ...]] = (set[Any](), dict[Any, Any](), list[Any](), deque[Any]())
_WRITERS: Final = frozenset(("write_behind_key", "write_in_list", "write_in_flow"))


class Running:
    """One template, run in the fastest way that it allows."""

    def __init__(self, template: Template) -> None:
        self._template = template
        self._guarded: frozenset[str] = frozenset()
        self.root = _fast(template, self._guarded)

    def render(self, variables: Mapping[str, Any]) -> str:
        """What `template.compiled.render(variables)` gives or raises."""
        fault: Exception | None = None
        if self.root is not None:
            environment = self._template.environment
            try:
                context = Context(environment, {**environment.globals, **variables}, self._template.name, {})
                return self.root(context)
            except Exception as raised:  # noqa: BLE001 - what Jinja2 makes of it counts
                fault = raised
        text = self._template.compiled.render(variables)
        if fault is not None:
            self._learn(fault)
        return text

    def _learn(self, fault: Exception) -> None:
        """Jinja2 could do what the fast way could not: that would fail for the next one, too."""
        name = fault.name if isinstance(fault, AttributeError) else None
        if name is None or name in self._guarded:
            self.root = None
        else:
            self._guarded |= {name}
            self.root = _fast(self._template, self._guarded)


def _fast(template: Template, guarded: frozenset[str]) -> Callable[[Context], str] | None:
    """The function that renders a template; None for one that only Jinja2 can run.

    `guarded` are attributes that are read in Jinja2's way, which finds the keys of mappings as well.
    """
    environment, given = template.environment, NAMES[template.place.scope]
    try:
        tree = nodes.Template(list(_inlined(_parsed(environment, template.name), environment)), lineno=1)
        tree.set_environment(environment)
        if not _set(tree).isdisjoint(given | environment.globals.keys()):
            return None  # a partial could see the name before it is set, or after
        code = _Compiler(environment, template, given, guarded)
        code.visit(tree)
        namespace: dict[str, Any] = {f"call_{name}": environment.globals[name] for name in _DIRECT}
        namespace["environment"] = environment
        exec(compile(code.text, template.source.path, "exec"), namespace)  # noqa: S102 - as Jinja2 runs its own
    except (jinja2.TemplateError, SyntaxError, RecursionError):
        return None
    root: Callable[[Context], str] = namespace["root"]
    return root


def _parsed(environment: jinja2.Environment, name: str) -> nodes.Template:
    if environment.loader is None:
        raise jinja2.TemplateNotFound(name)
    text, path, _ = environment.loader.get_source(environment, name)
    return environment._parse(text, name, path)


def _set(tree: nodes.Template) -> set[str]:
    """The names that `set` statements set; those of loops are seen in the loop alone."""
    targets = (each.target for each in tree.find_all(nodes.Assign))
    inside = (each for target in targets for each in (target, *target.find_all(nodes.Name)))
    return {each.name for each in inside if isinstance(each, nodes.Name)}


def _inlined(tree: nodes.Node, environment: jinja2.Environment) -> Iterator[nodes.Node]:
    """The children of a node, with partials in place of their includes, each in a scope of its own."""
    for child in tree.iter_child_nodes():
        yield _replaced(child, environment)


def _replaced(node: nodes.Node, environment: jinja2.Environment) -> nodes.Node:
    if isinstance(node, nodes.Include):
        assert isinstance(node.template, nodes.Const)  # noqa: S101 - no other is loaded
        partial = _parsed(environment, node.template.value)
        return nodes.Scope(list(_inlined(partial, environment)), lineno=node.lineno)
    if isinstance(node, nodes.For | nodes.If):
        for field in ("body", "elif_", "else_"):
            if inner := getattr(node, field, None):
                setattr(node, field, [_replaced(each, environment) for each in inner])
    return node


class _Compiler(CodeGenerator):
    """Jinja2's compiler of templates, for those that `generator.render.source` lets through."""

    def __init__(
        self, environment: jinja2.Environment, template: Template, given: frozenset[str], guarded: frozenset[str]
    ) -> None:
        self._python = StringIO()
        super().__init__(environment, template.name, template.source.path, self._python)
        self._given = given
        self._guarded = guarded
        self._stored: frozenset[str] = frozenset()

    @property
    def text(self) -> str:
        """The Python text."""
        return self._python.getvalue()

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: ARG002, N802
        """A function from a context to the text."""
        self._stored = frozenset(each.name for each in node.find_all(nodes.Name) if each.ctx != "load")
        self.writeline("from jinja2.runtime import " + ", ".join(sorted(exported)))
        self.writeline("def root(context, missing=missing, environment=environment):")
        self.indent()
        self.writeline("resolve = context.resolve_or_missing")
        self.writeline("undefined = environment.undefined")
        self.writeline("cond_expr_undefined = Undefined")
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

    def _is_open(self, attribute: str) -> bool:
        return attribute not in self._guarded and _is_unwatched(attribute)

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if not _is_written(node):
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if not _is_written(node):
            super()._output_child_post(node, frame, finalize)


def _is_written(node: nodes.Expr) -> bool:
    """Whether an expression ends in a writer, which gives a string."""
    return isinstance(node, nodes.Filter) and node.name in _WRITERS


def _is_unwatched(attribute: str) -> bool:
    """Whether the sandbox lets an attribute of this name be read of every value, and as it is."""
    return (
        attribute not in _GUARDED
        and not attribute.startswith(_GUARDED_PREFIXES)
        and not iskeyword(attribute)
        and not any(modifies_known_mutable(each, attribute) for each in _MUTABLE)
    )
