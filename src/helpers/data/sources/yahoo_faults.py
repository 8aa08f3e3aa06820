"""What went wrong when Yahoo was asked, read from the client's error and the answer behind it."""

from __future__ import annotations

from typing import Any

from helpers.core.errors import RateLimited, SchemaChanged, SourceError, TlsProblem, Transient, UnknownSymbol

CERTIFICATE = ("CertificateVerifyError", "SSLError", "SSLCertVerificationError")
TIMEOUT = ("Timeout", "ReadTimeout", "ConnectTimeout")
BROKEN = ("RequestException", "ConnectionError", "OSError")
#: what the client raises when an answer lacks something it counts on
FORM = (KeyError, IndexError, TypeError, AttributeError, ValueError)
ZONE = "exchangeTimezoneName"
#: words of Yahoo's own reason for a part that a symbol does not have, and for a symbol it does not have
NO_PART = "no fundamentals data found"
UNKNOWN_WORDS = ("no data found", "delisted", "not found")


def is_about_zone(error: Exception) -> bool:
    """Whether the client failed while it looked up the symbol's time zone, its first request for a symbol."""
    names = _names(error)
    is_missing = isinstance(error, KeyError) and error.args == (ZONE,)
    return "YFTzMissingError" in names or "HTTPError" in names or is_missing or isinstance(error, TypeError)


def is_about_a_part(error: Exception) -> bool:
    """Whether Yahoo knows the symbol, but not what was asked about it, as the estimates of a fund."""
    return "HTTPError" in _names(error) and NO_PART in _reason(getattr(error, "response", None)).lower()


def translated(symbol: str, error: Exception, first_answer: Any = None) -> SourceError:
    """The typed error for what the client raised.

    Parameters
    ----------
    symbol : str
        What was asked for.
    error : Exception
        What yfinance, curl_cffi or requests raised.
    first_answer : response, optional
        The answer to the look-up of the time zone, when that is where it failed.
    """
    names = _names(error)
    if "YFRateLimitError" in names:
        return _limited(symbol)
    if names & set(CERTIFICATE):
        return TlsProblem(
            f"{symbol}: the certificate of Yahoo Finance cannot be verified; behind a company's proxy, set "
            "REQUESTS_CA_BUNDLE to the file of its certificate authority",
            symbol=symbol,
        )
    if names & set(TIMEOUT):
        return _passing(symbol, "did not answer in time")
    if "HTTPError" in names:
        own = getattr(error, "response", None)
        return _by_answer(symbol, own if _reason(own) or first_answer is None else first_answer)
    if names & {"YFTzMissingError"} or isinstance(error, KeyError) and error.args == (ZONE,):
        return _by_answer(symbol, first_answer)
    if "JSONDecodeError" in names:
        return _passing(symbol, "sent a page or half an answer instead of data")
    if "YFDataException" in names and "DOWN" in str(error):
        return _passing(symbol, "says that it is down")
    if names & set(BROKEN):
        return _passing(symbol, "broke the connection")
    if "YFPricesMissingError" in names:
        return _by_reason(symbol, str(getattr(error, "yahoo_reason", None) or ""))
    if isinstance(error, FORM):
        return SchemaChanged(
            f"{symbol}: Yahoo Finance answered in another form than yfinance expects ({_said(error)}); "
            "a newer yfinance may know it: pip install -U yfinance",
            symbol=symbol,
        )
    return _passing(symbol, f"could not be asked ({_said(error)})")


def _by_reason(symbol: str, reason: str) -> SourceError:
    if reason and any(word in reason.lower() for word in UNKNOWN_WORDS):
        return _unknown(symbol, reason)
    if reason:
        return _passing(symbol, f'answered "{reason}"')
    return _passing(symbol, "sent no bars, although there were trading days", of_symbol=True)


def _by_answer(symbol: str, answer: Any) -> SourceError:
    """By an answer that was refused, or that named no time zone."""
    status = int(getattr(answer, "status_code", 0) or 0)
    if status == 429:
        return _limited(symbol)
    if status >= 500 or status in (401, 403):
        return _passing(symbol, f"answered with status {status}")
    reason = _reason(answer)
    if reason and (status == 404 or any(word in reason.lower() for word in UNKNOWN_WORDS)):
        return _unknown(symbol, reason)
    return _passing(symbol, "names no exchange for it", of_symbol=True, no_zone=True)


def _reason(answer: Any) -> str:
    """Yahoo's own words in an answer that carries an error; empty when there are none."""
    try:
        parts = answer.json()
        return next(str(part["error"]["description"]) for part in parts.values() if part.get("error"))
    except Exception:
        return ""


def _limited(symbol: str) -> RateLimited:
    return RateLimited(
        f"{symbol}: Yahoo Finance says that there were too many requests (429); wait some minutes and ask for less",
        symbol=symbol,
    )


def _unknown(symbol: str, reason: str) -> UnknownSymbol:
    return UnknownSymbol(f'{symbol}: Yahoo Finance has no such symbol ("{reason}"); correct the ticker', symbol=symbol)


def _passing(symbol: str, what: str, **facts: Any) -> Transient:
    return Transient(f"{symbol}: Yahoo Finance {what}; it may answer later", symbol=symbol, **facts)


def _names(error: Exception) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _said(error: Exception) -> str:
    text = " ".join(str(error).split())[:80]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
