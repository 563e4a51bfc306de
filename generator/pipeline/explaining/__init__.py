"""load → resolve → render, asked backwards: what is behind a value, a rendered field or a finding, and what a line
reaches.

`questions` are what people ask; `causes` finds the lines behind a value by changing them; `objects` does so for
rendered objects, `findings` for what a check has found, and `reaching` goes the other way.
"""

from generator.pipeline.explaining.questions import explain, reach

__all__ = ["explain", "reach"]
