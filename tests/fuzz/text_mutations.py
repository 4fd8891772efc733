"""What can be wrong with text and JSON."""

import json
import random
import re

NUMBERS = (
    *("1e999", "-1e999", "NaN", "Infinity", "-1", "0", "-0.0", "1e-320", "1e308", "0x10", "1_0"),
    *("2147483648", "-9223372036854775809", "18446744073709551616", "9" * 400, "9" * 5000),
    *("true", "null", '"7"', "[]", "{}", "\u0663", "1.5.2", "--3", "1e", ""),
)
"""Tokens in the place of a number."""
LONG_NUMBER = "1" * 1_000_000
NAMES = (
    *("../../escaped", "/tmp/escaped", "..\\escaped", "C:\\escaped", "a/../../escaped"),
    *("\0", "a\0b", "\x1b[2J", "a\nb", "\u202egnp.exe", "\ud800", "\ufeff", "x" * 5000, ""),
    *("CON", "..", ".", "~/escaped", "\u2044\u2024\u2024", "\u0130", "$(touch escaped)", "%s%n"),
)
"""Texts that would do harm as a file's name, or on a terminal."""
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w.])")


def of_text(rng: random.Random, data: bytes) -> bytes:
    """A number or a word replaced, lines swapped or doubled, or nested deep."""
    text = data.decode("utf-8", "surrogateescape")
    kind = rng.randrange(6)
    if kind <= 2:
        places = list(_NUMBER.finditer(text, 0, 100_000))
        token = LONG_NUMBER if rng.random() < 0.01 else rng.choice(NUMBERS)
        for place in sorted(rng.sample(places, min(len(places), 1)), key=lambda m: -m.start()):
            text = text[: place.start()] + token + text[place.end() :]
    elif kind == 3:
        lines = text.split("\n")
        first, second = (rng.randrange(len(lines)) for _ in range(2))
        lines[first], lines[second] = lines[second], lines[rng.choice((first, second))]
        text = "\n".join(lines)
    elif kind == 4:
        words = list(re.finditer(r"[A-Za-z_]{2,}", text[:100_000]))
        if words:
            place = rng.choice(words)
            text = text[: place.start()] + rng.choice(NAMES) + text[place.end() :]
    else:
        start = rng.randrange(len(text) + 1)
        nesting = rng.choice(("[", "{", "(", '{"a":', "JOINT x\n{\n", "\t", ",", "\n", '"'))
        text = text[:start] + nesting * rng.choice((1, 300, 20_000)) + text[start:]
    return text.encode("utf-8", "surrogatepass" if "\ud800" in text else "surrogateescape")


def of_json(rng: random.Random, data: bytes) -> bytes:
    """Any value or key replaced, left out, doubled, or nested."""
    try:
        content = json.loads(data)
    except (ValueError, RecursionError):
        return of_text(rng, data)
    places = [(content, key) for key in _keys(content)]
    for container, key in places:
        places += [(container[key], inner) for inner in _keys(container[key])][:50]
        if len(places) > 3000:
            break
    if not places:
        return of_text(rng, data)
    container, key = rng.choice(places[: rng.choice((20, len(places)))])
    raw = None
    kind = rng.randrange(6)
    if kind == 0:
        raw = LONG_NUMBER if rng.random() < 0.02 else rng.choice([n for n in NUMBERS if n])
    elif kind == 1:
        depth = rng.choice((3, 900, 50_000))
        opening, closing = rng.choice((("[", "]"), ('{"a":', "}")))
        raw = opening * depth + "1" + closing * depth
    elif kind == 2:
        raw = json.dumps(rng.choice(NAMES))
    elif kind == 3:
        del container[key]
    elif kind == 4 and isinstance(container, dict):
        container[rng.choice(NAMES)] = container.pop(key)
    elif kind == 4:
        container.extend([container[key]] * rng.choice((1, 3, 200)))
    else:
        raw = f"{json.dumps(container[key])}"
        if isinstance(container, dict):
            raw += f", {json.dumps(key)}: {rng.choice(('null', '[]', '-1'))}"
    if raw is None:
        return json.dumps(content).encode("utf-8", "surrogatepass")
    container[key] = "@@here@@"
    return json.dumps(content).replace('"@@here@@"', raw).encode("utf-8", "surrogatepass")


def _keys(node: object) -> list:
    if isinstance(node, dict):
        return list(node)
    return list(range(len(node))) if isinstance(node, list) else []
