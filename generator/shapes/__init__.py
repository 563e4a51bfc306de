"""Documents that differ only in values are parsed once.

A fleet's files are alike: 10,000 tenants' files have some hundred shapes, and 1 million rendered documents some
thousand, and parsing is most of the work of reading them. Here a document's text is cut into its lines, and what is
certain to be a value of its own (a plain word, a quoted text without escapes, a whole number at the end of `key: ` or
`- `, a line of plain words) is taken out of them (`lines`). What is left is the shape: it is parsed once, with a marker
in place of each value (`learning`), and every further document of that shape gets the same data with its own values put
in (`building`).

That the result is what the parser would have given rests on four things. A value is taken only where its characters
mean nothing to YAML and cannot be read as a boolean, null or another number. A shape counts only if every marker came
back from the parser as a whole scalar of the style it was written in, as words of a plain one, or inside a `|` block,
which is verbatim. Whatever is odd (a character beyond the printable ones, a document marker that is not alone on its
line, directives, any fault at all) leaves the whole file to the parser. And tests/check/test_shapes.py and
tests/load/test_shapes.py hold both ways against each other.

Who reads by shape brings the parser, and what a plain word means to it: inputs are read by YAML 1.2's rules
(`generator.load`), rendered output by those of Kubernetes (`generator.check`).
"""

from generator.shapes.learning import Form, Parse, Shape, learned
from generator.shapes.lines import Lines, Odd, is_printable
from generator.shapes.values import MARKER, Value, Values, stands_for_items

__all__ = [
    "MARKER",
    "Form",
    "Lines",
    "Odd",
    "Parse",
    "Shape",
    "Value",
    "Values",
    "is_printable",
    "learned",
    "stands_for_items",
]
