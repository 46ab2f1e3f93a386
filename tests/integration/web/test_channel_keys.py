"""An agency fetches the key of its own NATS channel, wrapped so that only its machine opens it."""

from datetime import UTC, datetime

import orjson
from joserfc import jwe
from joserfc.jwk import OctKey, OKPKey

from broker.cli.keys import encryption_key_file, load_or_create_encryption_key
from broker.flows.channel_keys import ChannelKeys, erase

ALGORITHMS = ["ECDH-ES+A256KW", "A256GCM", "dir"]


def _kid(served, agency: str) -> str:
    hub = served.built.hub
    keys, now = ChannelKeys(hub.store, hub.parts), datetime.now(UTC)
    keys.renew(frozenset({agency}), now)
    with hub.store.reading() as view:
        return keys.current(view, frozenset({agency}), now)[agency].kid


def test_the_wrapped_key_opens_what_the_relay_seals(serve):
    """With its encryption key and nothing else an agency reads a message sealed by the hub."""
    served = serve()
    hub, agency = served.built.hub, "northmere-police"
    kid = _kid(served, agency)
    with hub.store.reading() as view:
        sealing = ChannelKeys(hub.store, hub.parts).current(view, frozenset({agency}), datetime.now(UTC))[agency]
    answer = served.desk(agency).client("subscribe").get(f"/v1/channel-keys/{kid}")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/jose")
    private = load_or_create_encryption_key(encryption_key_file(served._keys, agency))
    jwk = orjson.loads(jwe.decrypt_compact(answer.text, OKPKey.import_key(private), algorithms=ALGORITHMS).plaintext)
    assert jwk["kid"] == kid
    message = sealing.seal(b'{"invented":true}', bytes(range(12))).decode()
    opened = jwe.decrypt_compact(message, OctKey.import_key(jwk), algorithms=ALGORITHMS)
    assert opened.plaintext == b'{"invented":true}'
    assert opened.headers() == {"alg": "dir", "enc": "A256GCM", "kid": kid}


def test_nobody_gets_another_agencys_key(serve):
    """A key of another agency is as absent as one that never was, and so is one that has been erased."""
    served = serve()
    hub = served.built.hub
    kid = _kid(served, "northmere-police")
    stranger = served.desk("harbour-house").client("subscribe").get(f"/v1/channel-keys/{kid}")
    assert stranger.status_code == 404
    with hub.store.reading() as view:
        key = view.channel_key(kid)
    assert key is not None
    erase(hub.store, hub.parts, key)
    assert served.desk("northmere-police").client("subscribe").get(f"/v1/channel-keys/{kid}").status_code == 404


def test_without_an_encryption_key_there_is_nothing_to_wrap_to(serve):
    """An agency that has registered a key for signing alone is told what to register."""
    served = serve()
    agency = "northmere-police"
    kid = _kid(served, agency)
    with served.built.store.reading() as view:
        keys = next(one.keys for one in view.agencies() if one.id == agency)
    served.change(agency, keys=tuple(key for key in keys if key.get("use") != "enc"))
    answer = served.desk(agency).client("subscribe").get(f"/v1/channel-keys/{kid}")
    assert answer.status_code == 409
    assert answer.json()["type"].endswith("/no-encryption-key")
    assert "X25519" in answer.json()["detail"]
