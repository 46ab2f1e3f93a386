"""Signed notes, verifier keys, checkpoints and proofs as texts: strict, with an exact inverse."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from contracts.signed_note import NoteSignature, b64, decode_text, sign_note
from contracts.transparency import (
    Checkpoint,
    MalformedError,
    Note,
    ProofError,
    SignatureError,
    TlogProof,
    VerifierKey,
    hash_leaf,
    hash_node,
    open_checkpoint,
    verify_tlog_proof,
)

EXAMPLE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
EXAMPLE_NOTE = (
    "This is an example message.\n\n— example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
)
ORIGIN = "hub.northmere.example/ledger"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
VERIFIER = VerifierKey(ORIGIN, KEY.public_key().public_bytes_raw())

names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"], exclude_characters="+"), min_size=1, max_size=20)
lines = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
hashes = st.binary(min_size=32, max_size=32)
sizes = st.integers(0, 2**63 - 1)


def signed(checkpoint: Checkpoint) -> str:
    return sign_note(checkpoint.format(), ORIGIN, KEY).format()


def test_the_example_of_the_signed_note_standard() -> None:
    """The key and note printed in C2SP signed-note verify here."""
    key = VerifierKey.parse(EXAMPLE_KEY)
    note = Note.parse(EXAMPLE_NOTE)
    note.verify(key)
    assert (key.name, key.key_id.hex(), key.format()) == ("example.com/foo", "530d903a", EXAMPLE_KEY)
    assert note.text == "This is an example message.\n"
    assert note.format() == EXAMPLE_NOTE


def test_the_key_id_is_the_hash_that_the_standard_states() -> None:
    """SHA-256(name || 0x0A || 0x01 || public key)[:4]."""
    material = ORIGIN.encode() + b"\x0a\x01" + VERIFIER.public_key
    assert VERIFIER.key_id == hashlib.sha256(material).digest()[:4]
    assert VERIFIER.format() == f"{ORIGIN}+{VERIFIER.key_id.hex()}+" + b64(b"\x01" + VERIFIER.public_key)


@given(names, hashes)
def test_verifier_keys_there_and_back(name: str, public_key: bytes) -> None:
    """Every key has one text, also where its base64 has a plus sign."""
    key = VerifierKey(name, public_key)
    assert VerifierKey.parse(key.format()) == key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        EXAMPLE_KEY + "\n",
        EXAMPLE_KEY.replace("530d903a", "530D903A"),
        EXAMPLE_KEY.replace("530d903a", "530d903b"),
        EXAMPLE_KEY.replace("example.com/foo", "example.com/fop"),
        EXAMPLE_KEY.replace("+Ae", "+Ge"),
        EXAMPLE_KEY[:-4],
        EXAMPLE_KEY.replace("example.com", "example com"),
    ],
)
def test_keys_that_are_not_quite_keys(text: str) -> None:
    """A verifier key with a wrong id, type, length, case or blank is refused."""
    with pytest.raises(MalformedError):
        VerifierKey.parse(text)


@given(
    st.lists(lines | st.just(""), min_size=1).map(lambda text: "\n".join(text) + "\n"),
    st.lists(
        st.builds(NoteSignature, names, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=80)),
        min_size=1,
        max_size=4,
    ),
)
def test_notes_there_and_back(text: str, signatures: list[NoteSignature]) -> None:
    """The text may hold empty lines; the last one parts it from the signatures."""
    note = Note(text, tuple(signatures))
    assert Note.parse(note.format()) == note


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n",
        "text\n\n",
        EXAMPLE_NOTE[:-1],
        EXAMPLE_NOTE.replace("\n\n", "\n"),
        EXAMPLE_NOTE.replace("— ", "- "),
        EXAMPLE_NOTE.replace("example message", "example\tmessage"),
        EXAMPLE_NOTE.replace("\n", "\r\n"),
        EXAMPLE_NOTE.replace("example.com/foo ", "example.com/foo  "),
        EXAMPLE_NOTE.replace("example.com/foo ", "example.com+foo "),
        EXAMPLE_NOTE.replace("aQM=", "aQN="),
        EXAMPLE_NOTE.replace("aQM=", "aQM"),
        EXAMPLE_NOTE + "trailing\n",
        "text\n\n— example.com/foo Uw2QOg==\n",
        "text\n\n" + "— a AAAAAAA=\n" * 101,
        "\ud800\n\n— a AAAAAAA=\n",
        "x" * 1_000_001 + "\n\n— a AAAAAAA=\n",
    ],
)
def test_notes_that_are_not_quite_notes(text: str) -> None:
    """What another reader may read otherwise is refused."""
    with pytest.raises(MalformedError):
        Note.parse(text)


def test_signatures_of_strangers_are_ignored() -> None:
    """Witnesses may sign too, even under the log's name or key id; they neither help nor harm."""
    note = Note.parse(EXAMPLE_NOTE)
    own = note.signatures[0]
    same_name = NoteSignature(own.name, b"\x00" * 4, b"x" * 64)
    same_id = NoteSignature("witness.example", own.key_id, b"x" * 64)
    key = VerifierKey.parse(EXAMPLE_KEY)
    Note(note.text, (same_name, own, same_id)).verify(key)
    with pytest.raises(SignatureError, match="not signed"):
        Note(note.text, (same_name, same_id)).verify(key)


def test_one_bad_signature_of_the_known_key_spoils_the_note() -> None:
    """A good signature beside it does not save a note that someone tampered with."""
    note = Note.parse(EXAMPLE_NOTE)
    bad = NoteSignature(note.signatures[0].name, note.signatures[0].key_id, b"x" * 64)
    with pytest.raises(SignatureError, match="does not hold"):
        Note(note.text, (note.signatures[0], bad)).verify(VerifierKey.parse(EXAMPLE_KEY))


def test_a_text_that_no_note_can_carry_is_not_signed() -> None:
    """The signer refuses what a verifier would refuse."""
    with pytest.raises(MalformedError):
        sign_note("no newline at the end", ORIGIN, KEY)
    with pytest.raises(MalformedError):
        sign_note("a\ttab\n", ORIGIN, KEY)


def test_text_is_utf_8_and_of_bounded_size() -> None:
    """Bytes from a stranger become text only if they are some."""
    assert decode_text("é\n".encode()) == "é\n"
    with pytest.raises(MalformedError):
        decode_text(b"\xff")
    with pytest.raises(MalformedError):
        decode_text(b"x" * 1_000_001)


@given(st.builds(Checkpoint, lines, sizes, hashes, st.lists(lines, max_size=2).map(tuple)))
def test_checkpoints_there_and_back(checkpoint: Checkpoint) -> None:
    """Extension lines of other logs are kept."""
    assert Checkpoint.parse(checkpoint.format()) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        f"{ORIGIN}\n1\n",
        f"{ORIGIN}\n1\n{b64(bytes(32))}",
        f"{ORIGIN}\n01\n{b64(bytes(32))}\n",
        f"{ORIGIN}\n+1\n{b64(bytes(32))}\n",
        f"{ORIGIN}\n\u0661\n{b64(bytes(32))}\n",
        f"{ORIGIN}\n9223372036854775808\n{b64(bytes(32))}\n",
        f"{ORIGIN}\n1\n{b64(bytes(31))}\n",
        f"{ORIGIN}\n1\n{b64(bytes(32))}\n\nextension\n",
        f"\n1\n{b64(bytes(32))}\n",
    ],
)
def test_checkpoints_that_are_not_quite_checkpoints(text: str) -> None:
    """Size and root have one spelling each."""
    with pytest.raises(MalformedError):
        Checkpoint.parse(text)


def test_a_checkpoint_of_another_log_is_not_taken() -> None:
    """The same key signing for another origin, say before a restore, does not speak for this log."""
    other = Checkpoint(ORIGIN + "/r1", 1, bytes(32))
    assert open_checkpoint(signed(Checkpoint(ORIGIN, 1, bytes(32))), VERIFIER).size == 1
    with pytest.raises(SignatureError, match="origin"):
        open_checkpoint(signed(other), VERIFIER)


@given(sizes, st.lists(hashes, max_size=63), st.none() | st.binary(max_size=20))
def test_proofs_there_and_back(index: int, path: list[bytes], extra: bytes | None) -> None:
    """The checkpoint inside is kept to the letter."""
    proof = TlogProof(index, tuple(path), signed(Checkpoint(ORIGIN, 3, bytes(32))), extra)
    assert TlogProof.parse(proof.format()) == proof


def test_a_proof_binds_leaf_index_and_checkpoint() -> None:
    """The right leaf is accepted; another leaf, another index and a changed hash are not."""
    root = hash_node(hash_leaf(b"first"), hash_leaf(b"second"))
    proof = TlogProof(1, (hash_leaf(b"first"),), signed(Checkpoint(ORIGIN, 2, root)))
    assert verify_tlog_proof(proof, b"second", VERIFIER).size == 2
    for leaf, forged in [
        (b"other", proof),
        (b"second", TlogProof(0, proof.hashes, proof.checkpoint)),
        (b"second", TlogProof(2, proof.hashes, proof.checkpoint)),
        (b"second", TlogProof(1, (), proof.checkpoint)),
        (b"second", TlogProof(1, (bytes(32),), proof.checkpoint)),
    ]:
        with pytest.raises(ProofError):
            verify_tlog_proof(forged, leaf, VERIFIER)


def test_proofs_that_are_not_quite_proofs() -> None:
    """Every line of the header has its place and its one spelling."""
    text = TlogProof(1, (bytes(32),), signed(Checkpoint(ORIGIN, 2, bytes(32))), b"x").format()
    TlogProof.parse(text)
    for wrong in [
        "",
        text.replace("@v1", "@v2"),
        text.replace("index 1", "index 01"),
        text.replace("index 1\n", ""),
        text.replace("extra eA==", "extra eB=="),
        text.replace("extra eA==\nindex 1", "index 1\nextra eA=="),
        text.replace(b64(bytes(32)) + "\n\n", b64(bytes(31)) + "\n\n", 1),
        text.replace("\n\n", "\n", 1),
        text.replace("index 1\n", "index 1\n" + (b64(bytes(32)) + "\n") * 63),
        text.removesuffix("\n"),
    ]:
        with pytest.raises(MalformedError):
            TlogProof.parse(wrong)
