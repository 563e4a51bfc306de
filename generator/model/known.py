"""What the checks are known to find, and may until a day (baseline.yaml)."""

from __future__ import annotations

from generator.model.grant import Grant


class Known(Grant, frozen=True, kw_only=True):
    """Findings of one code in one file, or in those of a pattern, that do not fail until a day.

    `file` is a path below rendered/, `message` what is said ("" for anything); in both, `*` stands for any characters.
    `location` is where the file is named.
    """

    code: str
    message: str
    file: str
