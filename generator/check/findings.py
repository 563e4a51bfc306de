"""How a check says what it found: at the value, with the template and inputs that made it."""

from __future__ import annotations

from generator.check.objects import File, Rendered
from generator.check.scalars import spelled
from generator.diagnostics import Code, Diagnostic, Related, Severity
from generator.source import Location, Pointer


def made_by(file: File) -> tuple[Related, ...]:
    """Where to mend a rendered file: its template, with the names of its inputs. Empty where the header is gone."""
    if file.header is None:
        return ()
    inputs = ", ".join(file.header.inputs)
    return (Related(f"the template that made it, from {inputs}", Location(f"templates/{file.header.template}")),)


def finding(
    code: Code,
    rendered: Rendered,
    pointer: Pointer,
    message: str,
    *,
    found: str = "",
    expected: str = "",
    hint: str,
    related: tuple[Related, ...] = (),
    key: bool = False,
    severity: Severity = Severity.ERROR,
) -> Diagnostic:
    """A diagnostic at one value of one object (or at its key, for a fault of the key or of what it lacks)."""
    return Diagnostic(
        code=code,
        severity=severity,
        message=message,
        location=rendered.locate(pointer, key=key),
        found=found,
        expected=expected,
        related=tuple(dict.fromkeys((*related, *made_by(rendered.file)))),
        hint=hint,
    )


def shown(value: object, limit: int = 60) -> str:
    """A value for `found:`, in one line and cut to length."""
    spelt = spelled(value) if value is None or isinstance(value, bool | int | float) else repr(value)
    text = " ".join(spelt.split())
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
