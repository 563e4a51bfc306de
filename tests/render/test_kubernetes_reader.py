"""Kubernetes' own YAML reader (tests/kubernetes_yaml, a small Go program) reads what is written as what went in."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.render.test_scalars import document, expected_document
from tests.render.words import CORPUS

MODULE: Final = Path(__file__).parent.parent / "kubernetes_yaml"
NUMBERS: Final = (0, 1, -1, 2**63 - 1, -(2**63), 0.5, -0.25, 1.5e300, 1e16, 1e-7, 5e-324, True, False, None)
ALPHABET: Final = "0123456789abcdefxXoOeE_.:+- #,'\"\\{}[]&*!|>%@`~?=<yYnN\t\n\x00\x85\u2028\ufeffé🙂"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    go = shutil.which("go")
    if go is None:
        pytest.skip("go is not installed, and Kubernetes' YAML reader is a Go package")
    program = tmp_path_factory.mktemp("kubernetes_yaml") / "read"
    subprocess.run([go, "build", "-o", str(program), "."], cwd=MODULE, check=True)
    return program


def read(reader: Path, documents: list[str]) -> list[Any]:
    stream = "---\n".join(documents).encode()
    output = subprocess.run([str(reader)], input=stream, capture_output=True, check=False)
    assert output.returncode == 0, output.stderr.decode()
    return [json.loads(line) for line in output.stdout.splitlines()]


def random_texts(count: int) -> list[str]:
    """The same texts each time: half from the characters that matter, half from all of Unicode."""
    dice = random.Random(20)
    texts = []
    for number in range(count):
        length = dice.randrange(1, 12)
        if number % 2:
            texts.append("".join(dice.choices(ALPHABET, k=length)))
        else:
            points = (dice.choice((dice.randrange(0xD800), dice.randrange(0xE000, 0x110000))) for _ in range(length))
            texts.append("".join(map(chr, points)))
    return texts


def test_kubernetes_reads_every_text_as_what_went_in(reader: Path) -> None:
    texts = [*CORPUS, *random_texts(4000)]
    values = [value for text in texts for value in (text, {text: text})]
    for value, found in zip(values, read(reader, [document(value) for value in values]), strict=True):
        assert found == expected_document(value)


def test_kubernetes_reads_every_number_as_what_went_in(reader: Path) -> None:
    for value, found in zip(NUMBERS, read(reader, [document(value) for value in NUMBERS]), strict=True):
        assert found == expected_document(value)
        assert isinstance(found["outer"]["key"], bool) == isinstance(value, bool)


def test_the_reader_is_the_one_that_misreads_what_is_left_bare(reader: Path) -> None:
    """Guards the tests above: a reader without YAML 1.1's words would let a missing quote pass."""
    assert read(reader, ["- no\n- y\n- 1e3\n- 0x1F\n- 1_000\n"]) == [[False, True, 1000, 31, 1000]]
