"""Runs templates faster than Jinja2 does, to the same bytes.

A template is compiled once more, with partials in place of their includes, by `generator.render.compiling`. Whenever
that meets what it cannot do (an undefined name, an attribute that is a mapping's key, a refused access) the template is
run by Jinja2 itself, whose result or fault counts. So this may be slower, but it renders nothing that Jinja2 refuses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, Final

import jinja2
from jinja2 import nodes

from generator.render.compiling import Compiled, Function, compiled, function_of
from generator.render.documents import documents, is_tidy
from generator.render.kept import Kept, key_of
from generator.render.layout import NAMES
from generator.render.templates import Template

CODE: Final = "code"
"""What compiled templates are kept as: whether what one gives is tidy, its code, and what that names."""
_RECENT: Final = 4
_recent: dict[int, tuple[jinja2.Environment, dict[str, Running]]] = {}
"""Templates that ran lately, by the identity of their environment: the two sides of a change mostly have the same ones,
and to compile them takes longer than to render a tenant."""


def running(templates: Iterable[Template]) -> dict[str, Running]:
    """Templates by name, ready to run."""
    found: dict[str, Running] = {}
    kept = Kept(CODE)
    for template in templates:
        if template.name not in found:
            environment = template.environment
            if id(environment) not in _recent and len(_recent) >= _RECENT:
                del _recent[next(iter(_recent))]
            _, known = _recent.setdefault(id(environment), (environment, {}))
            if template.name not in known:
                known[template.name] = Running(template, kept)
            found[template.name] = known[template.name]
    kept.write()
    return found


class Running:
    """One template, run in the fastest way that it allows."""

    def __init__(self, template: Template, kept: Kept | None = None) -> None:
        """`kept` is the code of templates that were compiled before, and takes in that of this one."""
        self._template = template
        self._guarded: frozenset[str] = frozenset()
        known = kept if template.is_shipped else None
        self._tidy, made = _compiled_anew(template) if known is None else _compiled_once(template, known)
        self.root = _function(template, made)

    def documents(self, variables: Mapping[str, Any]) -> str:
        """What a file holds below its header: what `render` gives, as `generator.render.documents` lays it out."""
        return documents(self.render(variables), tidy=self._tidy)

    def render(self, variables: Mapping[str, Any]) -> str:
        """What `template.compiled.render(variables)` gives or raises."""
        fault: Exception | None = None
        if self.root is not None:
            try:
                return self.root(variables)
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
            made = _compiled(self._template, _inlined_template(self._template), self._guarded)
            self.root = _function(self._template, made)


def _compiled_anew(template: Template) -> tuple[bool, Compiled | None]:
    """Whether what a template gives is tidy (`generator.render.documents`), and its code."""
    tree = _inlined_template(template)
    return tree is not None and is_tidy(tree), _compiled(template, tree, frozenset())


def _compiled_once(template: Template, kept: Kept) -> tuple[bool, Compiled | None]:
    """`_compiled_anew`, for one of the program's own templates, if it is not kept."""
    key = _key(template)
    found = kept.get(key)
    if found is not None:
        tidy, code, bound = found
        return tidy, Compiled(code, bound)
    tidy, made = _compiled_anew(template)
    if made is not None:
        kept.add(key, (tidy, made.code, dict(made.bound)))
    return tidy, made


def _inlined_template(template: Template) -> nodes.Template | None:
    """A template's syntax tree, with partials in place of their includes; None where a name could mean another thing
    then."""
    environment, given = template.environment, NAMES[template.place.scope]
    try:
        tree = nodes.Template(list(_inlined(_parsed(environment, template.name), environment)), lineno=1)
    except (jinja2.TemplateError, RecursionError):
        return None
    tree.set_environment(environment)
    # Else a partial could see the name before it is set, or after.
    return tree if _set(tree).isdisjoint(given | environment.globals.keys()) else None


def _compiled(template: Template, tree: nodes.Template | None, guarded: frozenset[str]) -> Compiled | None:
    """The code that renders a template; None for one that only Jinja2 can run."""
    if tree is None:
        return None
    try:
        return compiled(tree, template, guarded)
    except (jinja2.TemplateError, SyntaxError, RecursionError):
        return None


def _function(template: Template, made: Compiled | None) -> Function | None:
    return None if made is None else function_of(made, template)


def _key(template: Template) -> bytes:
    """What a template's code follows from: its text and those of its partials as they are compiled."""
    parts = ((part.name, *_source(template.environment, part.name)) for part in template.parts)
    return key_of(template.name, *chain.from_iterable(parts))


def _source(environment: jinja2.Environment, name: str) -> tuple[str, str]:
    """A template's text and path."""
    if environment.loader is None:
        raise jinja2.TemplateNotFound(name)
    text, path, _ = environment.loader.get_source(environment, name)
    return text, path or name


def _parsed(environment: jinja2.Environment, name: str) -> nodes.Template:
    text, path = _source(environment, name)
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
