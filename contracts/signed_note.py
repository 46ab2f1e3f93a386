"""C2SP signed notes and Ed25519 verifier keys (https://c2sp.org/signed-note).

    This is an example message.

    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=

The text includes its last newline, not the blank line after it. A signature line carries key name and, in base64, the
four bytes of key id followed by the signature.
"""

import hashlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from contracts.verification_error import MalformedError, SignatureError

ED25519 = b"\x01"
"""Signature type identifier byte of plain Ed25519 note signatures."""

MAX_NOTE_BYTES = 1_000_000
"""Room for well over a hundred post-quantum cosignatures of 5 kB; more is an attack on the reader."""

MAX_SIGNATURES = 100
"""The standard asks for a limit of at least 16."""

_KEY_ID_BYTES = 4
_PUBLIC_KEY_BYTES = 32
_DASH = "\N{EM DASH} "
_FIRST_PRINTABLE = " "


def b64(data: bytes) -> str:
    """Standard padded base64 (RFC 4648 §4), as the C2SP formats use it."""
    return b64encode(data).decode()


def unb64(text: str) -> bytes:
    """The inverse of `b64`, and of nothing else. Raises MalformedError."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        data = None
    # Without the second look several texts would stand for one value: base64 has unused trailing bits.
    if data is None or b64(data) != text:
        raise MalformedError("not standard base64 with padding")
    return data


def decode_text(data: bytes) -> str:
    """The text of a note, checkpoint, proof or key file. Raises MalformedError when it is not UTF-8 or is too large."""
    if len(data) > MAX_NOTE_BYTES:
        raise MalformedError(f"the text is longer than {MAX_NOTE_BYTES} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise MalformedError("the text is not UTF-8") from None


@dataclass(frozen=True)
class VerifierKey:
    """The public side of an Ed25519 note key; as text (vkey) `<name>+<key id in hex>+<base64 of 0x01 and the key>`.

    Raises MalformedError for a name that a signature line cannot carry or a public key that is not 32 bytes.
    """

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        if not _is_key_name(self.name):
            raise MalformedError("a key name is not empty and has neither spaces, plus signs nor control characters")
        if len(self.public_key) != _PUBLIC_KEY_BYTES:
            raise MalformedError(f"an Ed25519 public key has {_PUBLIC_KEY_BYTES} bytes")

    @cached_property
    def key_id(self) -> bytes:
        """Four bytes: SHA-256(name || 0x0A || 0x01 || public key)[:4]."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:_KEY_ID_BYTES]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a vkey, without surrounding blanks or newline. Raises MalformedError, never quoting the text."""
        name, _, rest = text.partition("+")
        key_id, _, encoded = rest.partition("+")
        material = unb64(encoded)
        if material[:1] != ED25519:
            raise MalformedError("the verifier key is not an Ed25519 key (signature type 0x01)")
        key = cls(name, material[1:])
        if key_id != key.key_id.hex():
            raise MalformedError("the key id in the verifier key does not match its name and public key")
        return key

    def format(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{b64(ED25519 + self.public_key)}"

    def is_signed(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True)
class NoteSignature:
    """One signature line: key name, four bytes of key id, the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes

    @classmethod
    def parse(cls, line: str) -> Self:
        name, separator, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not separator or not _is_key_name(name):
            raise MalformedError("a signature line is an em dash, a key name and base64, one space between them")
        data = unb64(encoded)
        if len(data) <= _KEY_ID_BYTES:
            raise MalformedError("a signature line holds no signature after its key id")
        return cls(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])

    def format(self) -> str:
        return f"{_DASH}{self.name} {b64(self.key_id + self.signature)}"


@dataclass(frozen=True)
class Note:
    """A text, ending in a newline, and the signatures under it. Nothing is trusted before `verify`."""

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a signed note. Raises MalformedError."""
        try:
            size = len(text.encode())
        except UnicodeEncodeError:
            raise MalformedError("the note is not Unicode text") from None
        if size > MAX_NOTE_BYTES:
            raise MalformedError(f"the note is longer than {MAX_NOTE_BYTES} bytes")
        if any(character < _FIRST_PRINTABLE and character != "\n" for character in text):
            raise MalformedError("the note holds control characters")
        body, separator, signed = text.rpartition("\n\n")
        if not separator or not signed.endswith("\n"):
            raise MalformedError("a note is a text, a blank line, and signature lines that each end in a newline")
        lines = signed.removesuffix("\n").split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise MalformedError(f"the note has more than {MAX_SIGNATURES} signatures")
        return cls(body + "\n", tuple(NoteSignature.parse(line) for line in lines))

    def format(self) -> str:
        return self.text + "\n" + "".join(signature.format() + "\n" for signature in self.signatures)

    def verify(self, key: VerifierKey) -> None:
        """Check every signature under this key's name and id; others are ignored, as the standard asks.

        Raises SignatureError when there is none or one does not hold.
        """
        own = [line for line in self.signatures if (line.name, line.key_id) == (key.name, key.key_id)]
        if not own:
            raise SignatureError("the note is not signed by the verifier key that is trusted")
        if not all(key.is_signed(self.text, line.signature) for line in own):
            raise SignatureError("the signature does not hold: the note's text is not what the key signed")


def sign_note(text: str, name: str, key: Ed25519PrivateKey) -> Note:
    """A note with one Ed25519 signature. `text` ends in a newline. Raises MalformedError for text no note can carry."""
    verifier = VerifierKey(name, key.public_key().public_bytes_raw())
    note = Note(text, (NoteSignature(name, verifier.key_id, key.sign(text.encode())),))
    if Note.parse(note.format()) != note:
        raise MalformedError("the text of a note ends in a newline")
    return note


def _is_key_name(name: str) -> bool:
    return bool(name) and not any(c.isspace() or c == "+" or c < _FIRST_PRINTABLE for c in name)
