"""A running hub, as one agency's command line talks to it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.jwk import OKPKey
from ulid import ULID

from broker.cli.ended import Ended, Exit
from broker.cli.keys import key_file, load_key, public_jwk
from broker.cli.settle import settings_for

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_SECONDS = 60
EARLY_SECONDS = 30
"""A token is renewed this long before it expires."""
PATIENCE_SECONDS = 60
"""How long a command waits for the next checkpoint, or for a hub that is busy."""
POLL_SECONDS = 0.5
MAX_PAGE = 500
_ERROR = 400
_UNAUTHORISED = 401
_NOT_FOUND = 404
_LATER = frozenset({429, 503})


class RefusedByHub(Ended):
    """The hub's answer is a problem document (RFC 9457), or an OAuth error (RFC 6749)."""

    def __init__(self, status: int, problem: Mapping[str, Any], *, pending: bool = False) -> None:
        super().__init__(_in_words(status, problem), Exit.REFUSED)
        self.status = status
        self.pending = pending
        """Whether the hub said when to ask again."""
        self.problem = dict(problem)


class Remote:
    """One agency at one hub. Every method raises RefusedByHub, or Ended if the hub does not answer."""

    def __init__(self, url: str, agency: str, key: Ed25519PrivateKey) -> None:
        """`url`: the hub's base URL; the key proves the agency (RFC 7523 private_key_jwt)."""
        self.url = url.rstrip("/")
        self.agency = agency
        self._kid = public_jwk(key)["kid"]
        self._key = OKPKey.import_key(key)
        self._http = httpx2.Client(base_url=self.url, timeout=30)
        self._token = ""
        self._renew_at = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def token(self, scopes: tuple[str, ...] = ()) -> str:
        """Ask for a bearer token with these scopes; with none named, with all that the agency has been granted."""
        return str(self._ask_for_token(scopes)["access_token"])

    def get(self, path: str, **query: Any) -> Any:
        """GET a JSON answer; parameters that are None are left out."""
        return self._json(self._send("GET", path, params=_given(query)))

    def fetch(self, path: str) -> bytes:
        """GET the exact bytes of an answer; one that is not published yet is waited for."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return self._send("GET", path).content
            except RefusedByHub as refused:
                if not (refused.status == _NOT_FOUND and refused.pending) or time.monotonic() > until:
                    raise
                time.sleep(POLL_SECONDS)

    def post(self, path: str, body: bytes = b"", content_type: str = "application/json") -> Any:
        """POST a body and return the JSON answer."""
        return self._json(self._send("POST", path, content=body, headers={"content-type": content_type}))

    def patch(self, path: str, body: bytes) -> Any:
        """PATCH with a JSON body and return the JSON answer."""
        return self._json(self._send("PATCH", path, content=body, headers={"content-type": "application/json"}))

    def delete(self, path: str) -> None:
        """DELETE what is there."""
        self._send("DELETE", path)

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every item of a list, page after page."""
        cursor = None
        while True:
            answer = self.get(path, **query, limit=MAX_PAGE, cursor=cursor)
            yield from answer["items"]
            cursor = answer.get("next")
            if cursor is None:
                return

    def events(self, path: str, query: Mapping[str, Any], last_id: str | None) -> Iterator[tuple[str | None, str]]:
        """Server-sent events as (id, data), until the hub ends the stream; data is empty for a heartbeat."""
        headers = self._authorised() | ({} if last_id is None else {"last-event-id": last_id})
        timeout = httpx2.Timeout(30, read=60)
        with (
            _reaching(self.url),
            self._http.stream("GET", path, params=_given(query), headers=headers, timeout=timeout) as answer,
        ):
            if answer.status_code >= _ERROR:
                answer.read()
                raise _refusal(answer)
            position: str | None = None
            data: list[str] = []
            for line in answer.iter_lines():
                if line == "":
                    if position is not None or data:
                        yield position, "\n".join(data)
                    position, data = None, []
                elif line.startswith("id:"):
                    position = line[3:].strip()
                elif line.startswith("data:"):
                    data.append(line[5:].removeprefix(" "))

    def _send(self, method: str, path: str, **request: Any) -> httpx2.Response:
        until = time.monotonic() + PATIENCE_SECONDS
        own_headers = request.pop("headers", {})
        renewed = False
        while True:
            headers = self._authorised() | own_headers
            with _reaching(self.url):
                answer = self._http.request(method, path, headers=headers, **request)
            if answer.status_code == _UNAUTHORISED and not renewed:
                # A hub that was restarted may have forgotten the token.
                renewed, self._renew_at = True, 0.0
            elif answer.status_code in _LATER and time.monotonic() < until:
                time.sleep(min(_seconds(answer), 5))
            elif answer.status_code >= _ERROR:
                raise _refusal(answer)
            else:
                return answer

    def _authorised(self) -> dict[str, str]:
        if time.monotonic() >= self._renew_at:
            granted = self._ask_for_token(())
            self._token = str(granted["access_token"])
            self._renew_at = time.monotonic() + max(float(granted.get("expires_in", 60)) - EARLY_SECONDS, 1)
        return {"authorization": f"Bearer {self._token}"}

    def _ask_for_token(self, scopes: tuple[str, ...]) -> dict[str, Any]:
        with _reaching(self.url):
            metadata = self._http.get("/.well-known/oauth-authorization-server")
            if metadata.status_code >= _ERROR:
                raise Ended("what answers at this URL is not a hub: check --hub")
            form = {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self._assertion(str(self._json(metadata)["token_endpoint"])),
            }
            answer = self._http.post("/oauth2/token", data=form | ({"scope": " ".join(scopes)} if scopes else {}))
        if answer.status_code >= _ERROR:
            raise _refusal(answer)
        return dict(self._json(answer))

    def _assertion(self, audience: str) -> str:
        issued = int(time.time())
        claims = {
            "iss": self.agency,
            "sub": self.agency,
            "aud": audience,
            "iat": issued,
            "exp": issued + ASSERTION_SECONDS,
            "jti": str(ULID()),
        }
        return jwt.encode({"alg": "Ed25519", "kid": self._kid}, claims, self._key, algorithms=["Ed25519"])

    @staticmethod
    def _json(answer: httpx2.Response) -> Any:
        try:
            return answer.json()
        except ValueError:
            raise Ended("what answers at this URL is not a hub: check --hub") from None


def connect(agency: str, hub: str | None, state: Path | None, key: Path | None) -> Remote:
    """Return the hub that the options and the environment name, for one agency. Raises Ended without its key."""
    settings = settings_for(state)
    own = key or key_file(settings.state / "agencies", agency)
    try:
        private = load_key(own)
    except FileNotFoundError:
        raise Ended(
            f"there is no private key at {own}: name the agency's key with --key, or its hub's folder with --state",
            Exit.WRONG_USAGE,
        ) from None
    except (OSError, ValueError, TypeError):
        raise Ended(
            f"the file {own} cannot be read as an Ed25519 private key in PEM (PKCS #8, no password)", Exit.WRONG_USAGE
        ) from None
    url = hub or settings.issuer
    if not url.startswith(("http://", "https://")):
        raise Ended("the hub is named by its URL, such as https://hub.northmere.example", Exit.WRONG_USAGE)
    return Remote(url, agency, private)


def segment(text: str) -> str:
    """Return an id as one segment of a path; whatever was typed, it stays within its place."""
    return quote(text, safe="")


@contextmanager
def _reaching(url: str) -> Iterator[None]:
    try:
        yield
    except httpx2.ConnectError:
        raise Ended(f"no hub answers at {url}: is the hub running? start it with: concordat up") from None
    except httpx2.TimeoutException:
        raise Ended(f"the hub at {url} did not answer in time: try again; sending an event again is safe") from None
    except (httpx2.TransportError, httpx2.InvalidURL):
        raise Ended(f"the connection to {url} was lost: try again; sending an event again is safe") from None


def _refusal(answer: httpx2.Response) -> RefusedByHub:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    return RefusedByHub(answer.status_code, problem, pending="retry-after" in answer.headers)


def _in_words(status: int, problem: Mapping[str, Any]) -> str:
    title = problem.get("title") or problem.get("error") or f"the hub answered with status {status}"
    detail = problem.get("detail") or problem.get("error_description")
    faults = [
        f"  {fault.get('pointer') or '(the event)'}: {fault.get('message')}"
        for fault in problem.get("errors") or ()
        if isinstance(fault, dict)
    ]
    return "\n".join([f"{title}: {detail}" if detail else str(title), *faults])


def _seconds(answer: httpx2.Response) -> float:
    try:
        return max(float(answer.headers.get("retry-after", "1")), 0.1)
    except ValueError:
        return 1.0


def _given(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value not in (None, [], ())}
