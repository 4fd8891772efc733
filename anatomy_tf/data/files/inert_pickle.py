"""Pickles read as data: plain containers, and records of what a pickle wants called instead of
calls.

A stack machine of its own instead of a restricted `pickle.Unpickler`: that one never asks before it
allocates whatever a memo index says, nor before it hashes tuples nested deeply enough to overflow
the C stack.
"""

from __future__ import annotations

import dataclasses
import pickletools
import warnings
from collections.abc import Callable, Collection
from typing import BinaryIO

from anatomy_tf.errors import InputError

_VALUES = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8"),
    *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "BYTEARRAY8"),
}
_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}


@dataclasses.dataclass(frozen=True)
class Global:
    """The name of a function or class, which was not looked up."""

    name: str


@dataclasses.dataclass(eq=False)
class Call:
    """A call that a pickle asks for, and that was not made; `state` is what its result is to be
    given.
    """

    function: str
    arguments: tuple
    state: object = None


@dataclasses.dataclass(frozen=True)
class Kind:
    """What a pickle should be.

    Args:
      writer, name: how messages call it.
      contents: how messages call what it may hold.
      max_opcodes: how long it may be; bounds time and memory, as an empty list is one byte.
    """

    writer: str
    name: str
    contents: str
    max_opcodes: int


CHECKPOINT = Kind("PyTorch", "checkpoint", "a tensor or a plain container", max_opcodes=1_000_000)
"""Fifty times the opcodes of a large one."""


def read_pickle(
    file: BinaryIO,
    known: Collection[str] = (),
    persistent: Callable[[object], object] | None = None,
    kind: Kind = CHECKPOINT,
) -> object:
    """The next pickle in `file`, which is left behind its end.

    Args:
      file: anything with `read`, `readline` and `tell` that reads no more than there is.
      known: dotted names of functions and classes that the pickle may mention.
      persistent: gives the object for a persistent id.
      kind: what the pickle should be.

    Returns:
      Dicts, lists, tuples, strings, bytes, numbers, `Global`s and `Call`s. An `OrderedDict` comes
      as a
      dict; a state that is given to anything but a `Call` is dropped.

    Raises:
      InputError: another name is mentioned; or the pickle is damaged, or longer than its kind is.
    """
    machine = _Machine(known, persistent, kind)
    try:
        # Python warns of backslashes in names, which only damaged or hostile pickles have.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for count, (opcode, argument, _) in enumerate(pickletools.genops(file)):
                if count == kind.max_opcodes:
                    raise InputError(f"describes more objects than any {kind.name} has")
                machine.step(opcode.name, argument)
        return machine.stack.pop()
    except InputError:
        raise
    except (ValueError, TypeError, IndexError, KeyError) as error:
        raise InputError(f"damaged, truncated, or not a {kind.writer} {kind.name}") from error


class _Machine:
    def __init__(
        self,
        known: Collection[str],
        persistent: Callable[[object], object] | None,
        kind: Kind,
    ):
        self.known = known
        self.persistent = persistent
        self.kind = kind
        self.stack: list = []
        self.marks: list[int] = []
        self.memo: dict[int, object] = {}

    def step(self, opcode: str, argument) -> None:
        stack = self.stack
        match opcode:
            case "PROTO" | "FRAME" | "STOP":
                pass
            case "MARK":
                self.marks.append(len(stack))
            case "EMPTY_DICT":
                stack.append({})
            case "EMPTY_LIST":
                stack.append([])
            case "DICT":
                stack.append(_set_items({}, self._above_mark()))
            case "LIST":
                stack.append(self._above_mark())
            case "TUPLE":
                stack.append(tuple(self._above_mark()))
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                stack.append(tuple(self._pop(int(opcode[-1]))))
            case "SETITEM" | "SETITEMS":
                items = self._pop(2) if opcode == "SETITEM" else self._above_mark()
                _set_items(stack[-1], items)
            case "APPEND" | "APPENDS":
                items = self._pop(1) if opcode == "APPEND" else self._above_mark()
                _plain(stack[-1], list).extend(items)
            case "PUT" | "BINPUT" | "LONG_BINPUT":
                self.memo[argument] = stack[-1]
            case "MEMOIZE":
                self.memo[len(self.memo)] = stack[-1]
            case "GET" | "BINGET" | "LONG_BINGET":
                stack.append(self.memo[argument])
            case "GLOBAL" | "INST":
                stack.append(self._global(argument.replace(" ", ".", 1)))
            case "STACK_GLOBAL":
                stack.append(self._global(".".join(self._pop(2))))
            case "REDUCE" | "NEWOBJ":
                stack.append(_call(*self._pop(2)))
            case "BUILD":
                state = stack.pop()
                if isinstance(stack[-1], Call):
                    stack[-1].state = state
            case "BINPERSID" if self.persistent:
                stack.append(self.persistent(stack.pop()))
            case _ if opcode in _CONSTANTS:
                stack.append(_CONSTANTS[opcode])
            case _ if opcode in _VALUES:
                stack.append(argument)
            case _:
                raise ValueError(opcode)

    def _pop(self, count: int) -> list:
        items = self.stack[-count:]
        if len(items) < count:
            raise IndexError("empty stack")
        del self.stack[-count:]
        return items

    def _above_mark(self) -> list:
        mark = self.marks.pop()
        items = self.stack[mark:]
        del self.stack[mark:]
        return items

    def _global(self, name: str) -> Global:
        if name not in self.known:
            raise InputError(
                f"holds {_printable(name)}, which is not {self.kind.contents}; nothing was loaded"
            )
        return Global(name)


def _call(function: object, arguments: object) -> Call | dict:
    if not isinstance(function, Global):
        raise TypeError("not a function")
    # Its items follow, as those of any dict; Python 2 gave them here, where a few bytes could copy
    # them at will.
    if function.name == "collections.OrderedDict" and arguments == ():
        return {}
    return Call(function.name, _plain(arguments, tuple))


def _set_items(target: object, items: list) -> dict:
    """Keys are strings and machine integers: hashes of others can be slow, collide, or crash."""
    target = _plain(target, dict)
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, str) and not (isinstance(key, int) and abs(key) < 2**63):
            raise TypeError("unusual key")
        target[key] = value
    return target


def _plain(value: object, kind: type):
    if type(value) is not kind:
        raise TypeError(f"not a {kind.__name__}")
    return value


def _printable(text: str) -> str:
    """The start of a text out of a file, fit for a message of one line."""
    return "".join(c if c.isprintable() else "?" for c in text[:100])
