"""What can be wrong with a file: bytes, numbers, nesting, names and claims, by chance but the same
for a seed.
"""

import functools
import gzip
import io
import random
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

from tests.fuzz.text_mutations import NAMES, of_json, of_text

SHAPES = (
    *("(10000000000,)", "(1000000, 1000000, 3)", "(-1, 3)", "(0, 17, 3)", "(2**70,)"),
    *("(" + "1, " * 40 + ")", "(True,)", "(1.5,)", "()", "(9999999999999999999999,)"),
)
_BOMB_BYTES = 100 << 20
_STRUCT_NUMBERS = (0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 10**10, 2**63 - 1)
_HOSTILE_PICKLES = (
    b"cos\nsystem\n(S'touch escaped'\ntR.",
    b'cbuiltins\nexec\n(S\'open("escaped","w")\'\ntR.',
    b"\x80\x04\x8c\x05posix\x8c\x06system\x93\x8c\rtouch escaped\x85R.",
    b"cbuiltins\nbytearray\n(I100000000000\ntR.",
    b"\x80\x04" + b"]" * 1000 + b"a" * 999 + b".",
    b"(" * 200_000 + b"t" * 200_000 + b".",
    b"\x80\x04]\x94" + b"h\x00h\x00\x86\x94" * 60 + b".",
    b"I" + b"9" * 100_000 + b"\n.",
    b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
    b"\x80\x04K\x01r\xff\xff\xff\x7f.",
)

Mutation = Callable[[random.Random, bytes], bytes]


def mutated(rng: random.Random, data: bytes, name: str) -> bytes:
    """`data` of a file called `name`, with one to three things wrong, and never as it was."""
    changed = data
    while changed == data:
        for _ in range(rng.choice((1, 1, 2, 3))):
            try:
                changed = rng.choice(_mutations(changed, name))(rng, changed)
            except Exception:  # made for whole files, it may fail for what another one left
                changed = _of_bytes(rng, changed)
    return changed


def _mutations(data: bytes, name: str) -> list[Mutation]:
    """Those that fit, the more particular ones as often as those of any bytes."""
    fitting: list[Mutation] = [_of_bytes]
    if data[:2] == b"PK" or name.endswith((".zip", ".npz", ".keras", ".tflite")):
        fitting += [_of_zip] * 3
    if data[:2] == b"\x1f\x8b":
        fitting += [_of_gzip] * 3
    if name.endswith(".json"):
        fitting += [of_json] * 2 + [of_text]
    elif name.endswith((".npy", ".npz")):
        fitting += [_of_npy]
    elif name.endswith((".pkl", ".bin")):
        fitting += [_of_pickle]
    elif name.endswith(".mat"):
        fitting += [_of_mat]
    elif b"\0" not in data[:1000]:
        fitting += [of_text] * 2
    return fitting


def _of_bytes(rng: random.Random, data: bytes) -> bytes:
    """Flipped, cut off, cut out, put in, swapped, repeated, or numbers in binary replaced."""
    if not data:
        return rng.randbytes(rng.randrange(20))
    # Headers are at the start, directories of archives at the end.
    within = rng.choice((64, 512, len(data), len(data)))
    start = rng.randrange(min(within, len(data)))
    if rng.random() < 0.2:
        start = len(data) - 1 - start
    length = rng.choice((1, 2, 4, 16, 300))
    kind = rng.randrange(8)
    if kind <= 1:
        changed = bytearray(data)
        for _ in range(rng.choice((1, 1, 4, 30))):
            place = (start + rng.randrange(length)) % len(data)
            changed[place] = rng.choice((changed[place] ^ (1 << rng.randrange(8)), 0, 255, 128))
        return bytes(changed)
    if kind == 2:
        return data[:start]
    if kind == 3:
        return data[:start] + data[start + length :]
    if kind == 4:
        return data[:start] + rng.randbytes(length) + data[start:]
    if kind == 5:
        other = rng.randrange(len(data))
        first, second = sorted((start, other))
        chunks = (data[:first], data[second : second + length], data[first:second])
        return b"".join(chunks) + data[second + length :]
    if kind == 6:
        chunk = data[start : start + length]
        return data[:start] + chunk * rng.choice((2, 50)) + data[start:]
    number = rng.choice(_STRUCT_NUMBERS)
    size = rng.choice((2, 4, 8))
    packed = (number % 256**size).to_bytes(size, rng.choice(("little", "big")))
    return data[:start] + packed + data[start + size :]


def _of_npy(rng: random.Random, data: bytes) -> bytes:
    """Another shape, kind of number, or header."""
    if data[:6] != b"\x93NUMPY":
        return _of_bytes(rng, data)
    size = struct.unpack_from("<H", data, 8)[0]
    header = data[10 : 10 + size].decode("latin-1")
    kind = rng.randrange(4)
    if kind == 0:
        header = re.sub(r"'shape': \([^)]*\)", f"'shape': {rng.choice(SHAPES)}", header)
    elif kind == 1:
        other = rng.choice(("|O", "<U9", "<U999999999", "|S0", "<c16", "|V8", "<M8[ns]", "|b1"))
        header = re.sub(r"'descr': '[^']*'", f"'descr': '{other}'", header)
    elif kind == 2:
        header = rng.choice(("[" * 5000, "{" * 300, "__import__('os').system('touch escaped')"))
    else:
        return data[:10] + header.encode("latin-1") + rng.choice(_HOSTILE_PICKLES)
    packed = header.encode("latin-1")[:65000]
    return data[:8] + struct.pack("<H", len(packed)) + packed + data[10 + size :]


def _of_pickle(rng: random.Random, data: bytes) -> bytes:
    hostile = rng.choice(_HOSTILE_PICKLES)
    if rng.random() < 0.5:
        return hostile
    start = rng.randrange(min(len(data), 400) + 1)
    return data[:start] + hostile[: -1 if rng.random() < 0.5 else None] + data[start:]


def _of_mat(rng: random.Random, data: bytes) -> bytes:
    """Something wrong within a compressed variable of version 5."""
    if data[:6] != b"MATLAB" or len(data) < 140:
        return _of_bytes(rng, data)
    kind, size = struct.unpack_from("<2I", data, 128)
    if kind != 15:
        return data[:128] + _of_bytes(rng, data[128:])
    try:
        inner = zlib.decompress(data[136 : 136 + size])
    except zlib.error:
        return _of_bytes(rng, data)
    inner = inner[:8] + _of_bytes(rng, inner[8:])
    packed = zlib.compress(inner if rng.random() < 0.9 else inner + bytes(10**7))
    return data[:128] + struct.pack("<2I", 15, len(packed)) + packed + data[136 + size :]


def _of_gzip(rng: random.Random, data: bytes) -> bytes:
    """Something wrong in what is packed: a tar, or other bytes."""
    try:
        inner = gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return _of_bytes(rng, data)
    if rng.random() < 0.02:
        return data[:-8] + gzip.compress(bytes(64 << 20)) + data[-8:]
    changed = _of_tar(rng, inner) if rng.random() < 0.6 else _of_bytes(rng, inner)
    return gzip.compress(changed, 1)


def _of_tar(rng: random.Random, data: bytes) -> bytes:
    """Members with other names, links, devices, claims, or contents."""
    out = io.BytesIO()
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            members = [(m, tar.extractfile(m).read() if m.isfile() else b"") for m in tar]
    except (tarfile.TarError, OSError, EOFError, ValueError, UnicodeError):
        return _of_bytes(rng, data)
    if not members:
        return _of_bytes(rng, data)
    chosen = rng.randrange(len(members))
    with tarfile.open(fileobj=out, mode="w") as tar:
        for number, (member, content) in enumerate(members):
            if number == chosen:
                kind = rng.randrange(4)
                if kind == 0:
                    member.name = rng.choice([n for n in NAMES if "\ud800" not in n])
                elif kind == 1:
                    kinds = (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE)
                    member.type, member.linkname = rng.choice(kinds), "../../escaped"
                    member.size, content = 0, b""
                elif kind == 2:
                    content = _of_bytes(rng, content)
                    member.size = len(content)
                else:
                    tar.addfile(member, io.BytesIO(content))
            tar.addfile(member, io.BytesIO(content))
    return out.getvalue()


@functools.cache
def _bomb() -> bytes:
    """Zeros, packed to some hundredth part."""
    packer = zlib.compressobj(1, zlib.DEFLATED, -15)
    return packer.compress(bytes(_BOMB_BYTES)) + packer.flush()


def _of_zip(rng: random.Random, data: bytes) -> bytes:
    """Members with other names, contents, claims, or packed in another way; or a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            if sum(info.file_size for info in entries) > 1 << 26:
                return _of_bytes(rng, data)
            start = min((info.header_offset for info in entries), default=0)
            members = [(info.filename, archive.read(info)) for info in entries]
    except Exception:  # it is damaged already
        return _of_bytes(rng, data)
    if not members:
        return _of_bytes(rng, data)
    chosen = rng.randrange(len(members))
    name, content = members[chosen]
    kind = rng.randrange(10)
    method = zipfile.ZIP_STORED
    if kind <= 4:
        members[chosen] = (name, mutated(rng, content, name))
    elif kind == 5:
        other = rng.choice(NAMES).replace("\ud800", "")
        members[chosen] = (other + rng.choice(("", name)), content)
    elif kind == 6:
        members.append(members[chosen])
    elif kind == 7:
        del members[chosen]
    elif kind == 8:
        method = rng.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    packed = io.BytesIO()
    packed.write(data[:start])
    with zipfile.ZipFile(packed, "w", method) as archive:
        for member, content in members:
            archive.writestr(zipfile.ZipInfo(member or "none"), content, method)
    if kind == 9:
        return _with_claims(rng, packed.getvalue(), members[chosen][0])
    return packed.getvalue()


def _with_claims(rng: random.Random, data: bytes, name: str) -> bytes:
    """A member claims to be larger or smaller than it is; once in a while it is a bomb."""
    central = data.rfind(b"PK\x01\x02", 0, data.rfind(name.encode("utf-8", "replace")) + 1)
    local = data.find(b"PK\x03\x04")
    if central < 0 or local < 0:
        return _of_bytes(rng, data)
    changed = bytearray(data)
    if rng.random() < 0.05:
        bomb = _bomb()
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr(name or "none", b"")
        changed = bytearray(out.getvalue())
        central = changed.find(b"PK\x01\x02")
        for at, first in ((0, 8), (central, 10)):
            struct.pack_into("<H", changed, at + first, 8)
            struct.pack_into("<2I", changed, at + first + 10, len(bomb), _BOMB_BYTES)
        end = changed.find(b"PK\x05\x06")
        struct.pack_into("<I", changed, end + 16, central + len(bomb))
        return bytes(changed[:central] + bomb + changed[central:])
    claim = rng.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFE))
    struct.pack_into("<I", changed, central + rng.choice((20, 24)), claim)
    return bytes(changed)
