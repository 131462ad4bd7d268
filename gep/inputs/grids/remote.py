"""Rasters in object stores and on web servers: where they are, by what they are known, and what GDAL is told of them.

GDAL reads them (`/vsis3/`, `/vsicurl/`), block by block. What it cannot tell, whether the object is still the same, is
asked of the server by a request for its first byte: the answer has the size of the whole, its ETag and the time of its
last change. It also shows whether parts can be had at all.

An address holds no secret, for it is written into records: one with a query, a user or a password is refused. Keys of
an object store come from the environment, by the names that GDAL has for them (`AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION`, `AWS_S3_ENDPOINT`, `AWS_HTTPS`, `AWS_VIRTUAL_HOSTING`,
`AWS_NO_SIGN_REQUEST`); they sign requests (AWS Signature Version 4) and are sent nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from http.client import HTTPException
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit
from urllib.request import HTTPRedirectHandler, HTTPSHandler, Request, build_opener

from gep.core.errors import InputError, Problem, failure, problem
from gep.core.messages import Text, say

SCHEMES = ("s3", "https", "http")

REMOTE_DRIVERS = ("GTiff", "JP2OpenJPEG")
"""The drivers that read a raster in parts without asking for anything beside it."""

CACHE = 64 * 2**20
"""Bytes of what was fetched that GDAL keeps in a process; its own default is 16 MB. A judgement."""

SECONDS = 30
"""How long a server may take to begin its answer. A judgement."""

MOST_TEXT = 16 * 2**20
"""Bytes of a text that is read as a whole. A judgement."""

PIECE = 2**20
"""Bytes that are read at once where a whole object is hashed."""

_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class RemoteError(OSError):
    """An object that cannot be had: the key of what is said of it, with its values."""

    def __init__(self, key: str, found: str | Text) -> None:
        super().__init__(found)
        self.key, self.found = key, found

    def problem(self, subject: str, place: str) -> Problem:
        """The error F46 of a layer."""
        return problem(f"grids.F46.{self.key}", subject, place=place, found=self.found)

    def refusal(self, subject: str, place: str) -> InputError:
        """What stops the work."""
        return InputError(say("grids.not_given", layer=subject, file=place), [self.problem(subject, place)])


class RemoteStamp(NamedTuple):
    """By what the content of an object is known without reading it, as its server tells."""

    size: int
    etag: str
    modified: str

    def __str__(self) -> str:
        """In one line, as the lock has it."""
        told = (("ETag", self.etag), ("Last-Modified", self.modified))
        return ", ".join([f"{self.size} bytes", *(f"{name} {value}" for name, value in told if value)])


@dataclass(frozen=True)
class Remote:
    """A raster that a server has, by its address."""

    address: str

    @property
    def name(self) -> str:
        """The last part of the address, as a file would be called."""
        return unquote(PurePosixPath(self.address).name)

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    @property
    def path(self) -> str:
        """What GDAL calls it."""
        scheme, _, rest = self.address.partition("://")
        return f"/vsis3/{rest}" if scheme == "s3" else f"/vsicurl/{self.url}"

    @property
    def url(self) -> str:
        """Where it is fetched from; of an object store by the endpoint of the environment."""
        scheme, _, rest = self.address.partition("://")
        if scheme != "s3":
            return f"{scheme}://{quote(rest, safe=_SAFE)}"
        bucket, _, key = rest.partition("/")
        region = _region()
        endpoint = re.sub(r"^https?://", "", os.environ.get("AWS_S3_ENDPOINT", "")) or f"s3.{region}.amazonaws.com"
        is_safe = _is_on("AWS_HTTPS", True)
        host, path = (
            (f"{bucket}.{endpoint}", key)
            if _is_on("AWS_VIRTUAL_HOSTING", "." not in bucket)
            else (endpoint, f"{bucket}/{key}")
        )
        return f"{'https' if is_safe else 'http'}://{host.rstrip('/')}/{quote(path, safe='/-._~')}"


_SAFE = "/%:@!$&'()*+,;=-._~"
"""What stands in an address as it is."""


def is_address(place: object) -> bool:
    """Whether a place is on the network, and no path."""
    return isinstance(place, str) and _ADDRESS.match(place) is not None


def fault_of(address: str) -> str:
    """The key of what is wrong with an address, nothing where it can be used."""
    scheme, _, rest = address.partition("://")
    if scheme not in SCHEMES:
        return "scheme"
    if "?" in rest or "#" in rest or "@" in rest.partition("/")[0]:
        return "secret"
    host, _, path = rest.partition("/")
    try:
        is_host = bool(urlsplit(address).hostname) and urlsplit(address).port != 0
    except ValueError:  # brackets that do not close, a port that is no number
        is_host = False
    return "" if is_host and host and PurePosixPath(path).name and ".." not in path.split("/") else "incomplete"


def settings_of(remote: Remote) -> dict[str, Any]:
    """GDAL's settings to read an object, and nothing but it: neither files beside it nor other addresses. What the
    environment sets stands.
    """
    ours = {
        "CPL_VSIL_CURL_CACHE_SIZE": CACHE,
        "GDAL_HTTP_MAX_RETRY": _RETRIES,
        "GDAL_HTTP_RETRY_DELAY": _DELAY,
        "GDAL_HTTP_CONNECTTIMEOUT": SECONDS,
        "GDAL_HTTP_LOW_SPEED_TIME": SECONDS,
        "GDAL_HTTP_LOW_SPEED_LIMIT": 1,
    }
    return {
        **{name: value for name, value in ours.items() if name not in os.environ},
        "CPL_VSIL_CURL_ALLOWED_FILENAME": remote.path,
        "CPL_VSIL_CURL_NON_CACHED": remote.path,  # beyond an open file: the object may be another the next time
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    }


# what the server says -------------------------------------------------------------------------------------------------


def remote_stamp(remote: Remote) -> RemoteStamp:
    """What an object is known by now. Raises RemoteError where it is not to be had, where the server gives no parts of
    it, and where it tells nothing that it could be recognised by.
    """
    with _ask(remote, {"Range": "bytes=0-0"}) as answer:
        size = re.fullmatch(r"bytes 0-0/(\d+)", answer.headers.get("Content-Range", "").strip())
        if answer.status != 206 or size is None:
            raise RemoteError("no_parts", say("grids.answered", status=answer.status, reason=answer.reason))
        etag, modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
    if not (etag or modified):
        raise RemoteError("nameless", say("grids.none"))
    return RemoteStamp(int(size[1]), etag.strip(), modified.strip())


def remote_hash(remote: Remote) -> str:
    """SHA-256 of all of an object, which is fetched for that; once, as long as the server says that it is the same."""
    return _hash(remote, remote_stamp(remote))


def remote_text(remote: Remote) -> str:
    """All of a small text, as a catalogue is one. Raises RemoteError."""
    try:
        with _ask(remote, {}) as answer:
            text = answer.read(MOST_TEXT + 1)
    except (OSError, HTTPException) as error:
        raise error if isinstance(error, RemoteError) else RemoteError("unreachable", _in_short(error)) from error
    if len(text) > MOST_TEXT:
        raise RemoteError("no_raster", say("grids.bytes_of", count=len(text), size=MOST_TEXT))
    return str(text, "utf-8", "replace")


@lru_cache(maxsize=256)
def _hash(remote: Remote, stamp: RemoteStamp) -> str:
    digest, count = hashlib.sha256(), 0
    try:
        with _ask(remote, {}) as answer:
            while piece := answer.read(PIECE):
                digest.update(piece)
                count += len(piece)
    except (OSError, HTTPException) as error:
        raise error if isinstance(error, RemoteError) else RemoteError("unreachable", _in_short(error)) from error
    if count != stamp.size:
        found = say("grids.bytes_of", count=count, size=stamp.size)
        raise RemoteError("broken_off", found)
    return digest.hexdigest()


def _ask(remote: Remote, headers: Mapping[str, str]) -> Any:
    """The open answer of the server. What may pass is tried again."""
    tries = 1 + int(_number("GDAL_HTTP_MAX_RETRY", _RETRIES))
    wait = _number("GDAL_HTTP_RETRY_DELAY", _DELAY)
    for attempt in range(tries):
        request = Request(remote.url, headers={"User-Agent": "gep", **headers})
        if remote.address.startswith("s3://"):
            _sign(request)
        try:
            return _opener().open(request, timeout=SECONDS)
        except HTTPError as error:
            error.close()
            if error.code not in _PASSING or attempt == tries - 1:
                found = say("grids.answered", status=error.code, reason=error.reason)
                raise RemoteError("refused", found) from error
        except (URLError, OSError, HTTPException) as error:
            if attempt == tries - 1:
                raise RemoteError("unreachable", _in_short(error)) from error
        time.sleep(wait * 2**attempt)
    raise AssertionError("the last try returns or raises")


_RETRIES, _DELAY = 3, 1
_PASSING = (429, 500, 502, 503, 504)
"""Answers after which GDAL asks again as well."""


def _number(name: str, default: float) -> float:
    """A number of GDAL's in the environment, which takes what is none for nought."""
    try:
        return max(0.0, float(os.environ.get(name, default)))
    except ValueError:
        return 0.0


def _in_short(error: BaseException) -> Text:
    """Why no answer came, without an address."""
    reason = getattr(error, "reason", None) or error
    return failure(reason if isinstance(reason, BaseException) else OSError(reason))


def why_unread(remote: Remote, otherwise: str, found: str | Text) -> RemoteError:
    """Why GDAL could not read on: what the server says if it is asked now, for GDAL itself keeps that to itself, and
    might tell the address that it was led to.
    """
    try:
        remote_stamp(remote)
    except RemoteError as error:
        return error
    return RemoteError(otherwise, found)


class _ToOthers(HTTPRedirectHandler):
    """Follows to another address of the web, but never with the signature that was made for this one."""

    def redirect_request(self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Request | None:
        if req.has_header("Authorization") or not newurl.lower().startswith(("https://", "http://")):
            raise HTTPError(req.full_url, code, msg, headers, fp)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> Any:
    return build_opener(_ToOthers, HTTPSHandler(context=_authorities(os.environ.get("CURL_CA_BUNDLE", ""))))


@lru_cache(maxsize=4)
def _authorities(bundle: str) -> ssl.SSLContext:
    """Whom to trust, read once: it takes as long as some ten requests."""
    return ssl.create_default_context(cafile=bundle or None)


# signatures -----------------------------------------------------------------------------------------------------------


def _region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def _is_on(name: str, default: bool) -> bool:
    """A switch of GDAL's in the environment."""
    text = os.environ.get(name, "").upper()
    return text in ("YES", "TRUE", "ON", "1") if text else default


def _sign(request: Request) -> None:
    """Sign a request for an object with the keys of the environment, unless it says that the store is open to all."""
    if _is_on("AWS_NO_SIGN_REQUEST", False):
        return
    key, secret = os.environ.get("AWS_ACCESS_KEY_ID"), os.environ.get("AWS_SECRET_ACCESS_KEY")
    if not (key and secret):
        raise RemoteError("no_keys", say("grids.none"))
    token = os.environ.get("AWS_SESSION_TOKEN", "")
    headers = {name.lower(): value for name, value in request.header_items() if name.lower() == "range"}
    if token:
        headers["x-amz-security-token"] = token
    signed = signature(request.full_url, headers, datetime.now(UTC), _region(), key, secret)
    for name, value in signed.items():
        request.add_header(name, value)


def signature(
    url: str, headers: Mapping[str, str], now: datetime, region: str, key: str, secret: str
) -> dict[str, str]:
    """The headers of a signed GET of an object without content, by AWS Signature Version 4.

    Source: Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header", calculation of the
    signature in a single chunk.
    """
    parts = urlsplit(url)
    stamp, nothing = now.strftime("%Y%m%dT%H%M%SZ"), hashlib.sha256(b"").hexdigest()
    told = {**headers, "host": parts.netloc, "x-amz-content-sha256": nothing, "x-amz-date": stamp}
    names = ";".join(sorted(told))
    lines = "".join(f"{name}:{told[name].strip()}\n" for name in sorted(told))
    request = f"GET\n{parts.path}\n\n{lines}\n{names}\n{nothing}"
    scope = f"{stamp[:8]}/{region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    made = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        made = hmac.digest(made, part.encode(), "sha256")
    signed = hmac.new(made, text.encode(), "sha256").hexdigest()
    told["Authorization"] = f"AWS4-HMAC-SHA256 Credential={key}/{scope},SignedHeaders={names},Signature={signed}"
    return {name: value for name, value in told.items() if name != "host"}
