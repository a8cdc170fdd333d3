"""How the pipeline asks a service: slowly, patiently and with a limit to everything.

Proxies and certificates follow the environment (HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE). httpx is imported where it is
used: `bistand run` never goes out and never loads it.
"""

from __future__ import annotations

import json
import math
import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from orchestration.catalog.models import Limits
from orchestration.sources.connector import Request, Response, SourceError

if TYPE_CHECKING:
    import httpx

NOT_MODIFIED = 304
TOO_MANY_REQUESTS = 429
# what may pass if one waits; anything else is an answer
PASSING = {TOO_MANY_REQUESTS, 500, 502, 503, 504}
FIRST_WAIT_SECONDS = 0.5

_ADVICE = {
    400: "tjänsten förstår inte frågan: se om parametrar eller koder har bytt namn",
    401: "tjänsten kräver inloggning: se tjänstens villkor",
    403: "frågan är för stor eller otillåten: minska den i sources.yml",
    404: "adressen finns inte: se om tabellen eller tjänsten har flyttat och rätta sources.yml",
    405: "tjänsten tar inte emot den sortens fråga: rätta adressen i sources.yml",
    410: "den här versionen av tjänsten är nedlagd: byt adress i sources.yml",
    413: "frågan är för stor: minska den i sources.yml",
    414: "frågan är för lång: minska den i sources.yml",
    TOO_MANY_REQUESTS: "tjänsten vill ha färre frågor: vänta och kör igen, eller sänk takten i sources.yml",
}


class Client:
    """Asks one service. Raises SourceError whose message names source and url, says what happened and what to do."""

    def __init__(
        self,
        source_name: str,
        limits: Limits,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        import httpx

        self._source_name = source_name
        self._limits = limits
        self._sleep = sleep
        self._clock = clock
        self._calls: deque[float] = deque()
        self._pace = (limits.calls, limits.seconds)
        self._http = httpx.Client(
            timeout=limits.timeout_seconds,
            follow_redirects=True,
            max_redirects=5,
            headers={"User-Agent": "bistandslagret", "Accept-Encoding": "gzip"},
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def fetch(self, request: Request, etag: str | None = None, last_modified: str | None = None) -> Response:
        """One answer with status 200, or 304 with no body when it is the same as `etag` or `last_modified` names.

        Only what may pass (429, 5xx, a broken connection) is asked again, and only because every request of the pipeline
        is a question that changes nothing.
        """
        import httpx

        if request.pace is not None:
            self._pace = min(self._pace, request.pace, key=lambda pace: pace[0] / pace[1])
        headers = {"Accept": "application/json"} if request.expects == "json" else {}
        if etag:
            headers["If-None-Match"] = etag
        if last_modified:
            headers["If-Modified-Since"] = last_modified
        wait = FIRST_WAIT_SECONDS
        for attempt in range(1, self._limits.attempts + 1):
            is_last = attempt == self._limits.attempts
            self._keep_pace()
            try:
                answer, asked_wait = self._ask(request, headers)
            except httpx.TooManyRedirects:
                raise self._error(request.url, "skickar frågan runt i ring", "rätta adressen i sources.yml",
                                  "refused") from None  # fmt: skip
            except httpx.InvalidURL:
                raise self._error(request.url, "har en ogiltig adress", "rätta adressen i sources.yml",
                                  "refused") from None  # fmt: skip
            except httpx.HTTPError as error:
                if is_last:
                    raise self._broken(request.url, error) from None
                asked_wait = None
            else:
                if answer.status in (200, NOT_MODIFIED):
                    return answer if answer.status == NOT_MODIFIED else self._checked(request, answer)
                if is_last or answer.status not in PASSING:
                    raise self._refused(answer)
            if asked_wait is not None and asked_wait > self._limits.longest_wait_seconds:
                raise self._error(
                    request.url, f"ber om {asked_wait:.0f} sekunders väntan", "kör igen senare", "unreachable",
                    TOO_MANY_REQUESTS,
                )  # fmt: skip
            self._sleep(wait if asked_wait is None else asked_wait)
            wait = min(wait * 2, self._limits.longest_wait_seconds)
        raise AssertionError("every attempt returns or raises")

    def _ask(self, request: Request, headers: dict[str, str]) -> tuple[Response, float | None]:
        """The answer, and how long the service asks us to wait."""
        import httpx

        ends_at = self._clock() + self._limits.longest_answer_seconds
        largest = self._limits.max_megabytes * 1_000_000
        arguments: dict[str, Any] = {} if request.body is None else {"json": request.body}
        with self._http.stream(request.method, request.url, headers=headers, **arguments) as response:
            body = bytearray()
            for part in response.iter_bytes():
                body += part
                if len(body) > largest:
                    raise self._error(
                        request.url, f"svarar med mer än {self._limits.max_megabytes} MB",
                        "höj max_megabytes i sources.yml om det är rätt", "unreadable", response.status_code,
                    )  # fmt: skip
                if self._clock() > ends_at:
                    raise httpx.ReadTimeout("the answer never ends")
            answer = Response(
                url=request.url,
                status=response.status_code,
                body=bytes(body),
                content_type=response.headers.get("Content-Type", ""),
                etag=response.headers.get("ETag"),
                last_modified=response.headers.get("Last-Modified"),
            )
            return answer, retry_after(response.headers.get("Retry-After"), datetime.now(UTC))

    def _keep_pace(self) -> None:
        calls, seconds = self._pace
        while len(self._calls) >= calls:
            rest = self._calls[0] + seconds - self._clock()
            if rest > 0:
                self._sleep(rest)
            self._calls.popleft()
        self._calls.append(self._clock())

    def _checked(self, request: Request, answer: Response) -> Response:
        """The answer, if it is of the kind asked for. The bytes decide: not every service labels them rightly."""
        begins = answer.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        is_page = begins == b"<" or "html" in answer.content_type.lower()
        if request.expects == "json" and not answer.body.strip():
            raise self._error(answer.url, "svarar utan innehåll", "kör igen senare", "empty", answer.status)
        if is_page or (request.expects == "json" and begins not in (b"{", b"[")):
            what = "en webbsida" if is_page else "något annat"
            raise self._error(
                answer.url, f"svarar med {what} i stället för {request.expects.upper()}",
                "öppna adressen i en webbläsare och se om tjänsten har flyttat", "unreadable", answer.status,
            )  # fmt: skip
        return answer

    def _refused(self, answer: Response) -> SourceError:
        advice = _ADVICE.get(answer.status) or (
            "tjänsten har ett fel: kör igen senare" if answer.status >= 500 else "se tjänstens dokumentation"
        )
        detail = _detail(answer.body)
        outcome = "unreachable" if answer.status in PASSING else "refused"
        return self._error(
            answer.url,
            f"svarar {answer.status}{f' ({detail})' if detail else ''}",
            advice,
            outcome,
            answer.status,
        )

    def _broken(self, url: str, error: httpx.HTTPError) -> SourceError:
        import httpx

        if isinstance(error, httpx.TimeoutException):
            return self._error(url, "svarar inte i tid", "kör igen senare", "unreachable")
        if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
            return self._error(url, "bröt förbindelsen mitt i svaret", "kör igen senare", "unreachable")
        if isinstance(error, httpx.DecodingError):
            return self._error(url, "svarar med ett skadat svar", "kör igen senare", "unreadable")
        return self._error(
            url, "nås inte", "se att nätet, proxyn och certifikaten fungerar och kör igen", "unreachable"
        )

    def _error(
        self, url: str, happened: str, advice: str, outcome: str, status: int | None = None
    ) -> SourceError:
        return SourceError(f"{self._source_name} {happened} ({url}); {advice}.", outcome, url, status)


def retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header, which is a number of seconds or a date; None when it says nothing."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(header)
    except (TypeError, ValueError):
        return None
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())


def decoded_json(body: bytes, url: str, source_name: str) -> Any:
    """The JSON of an answer, with or without a byte order mark. Raises SourceError when it is cut or no JSON."""
    try:
        # Python reads NaN and Infinity, which are no JSON and no figure
        return json.loads(body.decode("utf-8-sig"), parse_constant=_no_number, parse_float=_number)
    except ValueError:
        raise SourceError(
            f"{source_name} svarar med avhuggen eller felaktig JSON ({url}); kör igen, och anmäl felet till tjänsten om "
            "det består.",
            "unreadable",
            url,
        ) from None


def _number(text: str) -> float:
    """A number; 1e999 is one in JSON and infinite in Python."""
    if not math.isfinite(number := float(text)):
        raise ValueError(text)
    return number


def _no_number(text: str) -> None:
    raise ValueError(text)


def _detail(body: bytes) -> str:
    """What a problem answer says of itself, short."""
    try:
        content = json.loads(body.decode("utf-8-sig"))
    except ValueError:
        return ""
    if not isinstance(content, dict):
        return ""
    return str(content.get("detail") or content.get("title") or content.get("message") or "")[:120]
