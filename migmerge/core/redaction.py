"""What an application, a driver, a tool or a hook says, without what looks like a secret."""

from __future__ import annotations

import re

HIDDEN = "***"

_WORD = (
    r"(?:pass(?:word|wort|wd|phrase|code)|pwd|secret|token|credential"
    r"|(?:api|access|private|account|signing|encryption|auth|secret)[-_ ]?key)"
)
_LABEL = rf"(?<!\w)[\w.-]{{0,60}}?{_WORD}(?:s|[-_]\w+)?"
"""The name of a variable, a key or a parameter that holds a secret: `PGPASSWORD`, `db.api_key`, `token`."""

_QUOTED = r"""(?:\\?"(?:\\.|[^"\\\n])*\\?"?|\\?'(?:\\.|[^'\\\n])*\\?'?|`[^`\n]*`?|\{[^}\n]*\}?)[^\s,;)}\]]*"""
_VALUE = rf"(?:[rRbBfFuU]?{_QUOTED}|\S+)"
_ORDINARY = frozenset((
    "yes", "no", "none", "null", "nil", "true", "false", "str", "int", "bytes", "bool", "string", "text", "optional",
    "required", "missing", "field", "value", "input", "extra", "not", "is", "wrong", "invalid", "incorrect", "too",
    "empty", "expired", "unknown", "rejected", "denied", "a", "an", "the", "in", "of", "on", "for", "to", "needed",
    "set", "unset", "used", "being", "stored", "only", "never", "already", "malformed", "bad", "weak", "blank",
    "different", "absent", "allowed", "longer", "shorter", "must", "should", "cannot", "can't", "permission",
    "unexpected", "unsupported", "mandatory", "undefined", "revoked", "correct", "hashed", "encrypted", "and", "or",
))  # fmt: skip
"""What is said of a secret, in place of the secret itself."""
_PLACEHOLDER = re.compile(r"""["']?(\?|%s|%\(\w+\)s|:\w+|\$\d+|\$\{\w+\}|<\w+>|\*+)["']?[),;]*""")

_AUTHORITY = re.compile(r"(?P<before>[A-Za-z][\w+.-]*://[^\s:/@\"']*):(?!\d+/[^@\s]*(?:\s|$))[^@\s]*(?:@[^@\s/]*)*(?=@)")
_USER_ALONE = re.compile(r"(?P<before>https?://)[^\s:/@]{12,}(?=@)")
_HOST = re.compile(r"(?P<before>\b(?:host(?: ?name)?|found):? [\"'])[^\"'\s]*(?=@)")
"""What is left of a URL whose password has an unquoted `@`, or a `%` that an ini takes for a reference."""
_HEADER = re.compile(r"(?i)(?P<before>\b(?:proxy-)?authorization\\?[\"']?\s*[:=]\s*\\?[\"']?)[^\"',;\n]+")
_BEARER = re.compile(r"(?P<before>\b(?:Bearer|Basic) )[\w+/=.~-]{8,}")
_ASSIGNED = re.compile(rf"(?i)(?P<before>{_LABEL}\\?[\"']?\s*(?::=|=>|[=:])\s*)(?P<value>{_VALUE})")
_KEY_OF_ROW = re.compile(rf"(?i)(?P<before>\([^()\n]*{_WORD}[^()\n]*\)=\()[^\n]*(?=\))")
_SAID = re.compile(
    rf"(?i)(?P<before>{_LABEL}(?: (?:for|of|to|from) [^\s:=]+(?: [^\s:=]+)??)?"
    rf"[,:]?\s+(?:is|was|were|are|equals|reads|being)[:,]?\s+)(?P<value>{_VALUE})"
)
_NAMED = re.compile(rf"(?i)(?<!unexpected )(?<!near )(?P<before>{_LABEL}\s+)(?P<value>{_QUOTED})")
_IDENTIFIED = re.compile(rf"(?P<before>\bIDENTIFIED (?:WITH \S+ )?(?:BY|AS)(?: PASSWORD)?\s+)(?P<value>{_QUOTED})")
_MIXED = re.compile(rf"(?i)(?P<before>{_LABEL}\s+[(<\[]?)(?=\S*\d)(?=\S*[a-z])[^\s\"'()<>\[\]]{{6,}}")
_KNOWN = re.compile(
    r"\b(?:(?:AKIA|ASIA)[0-9A-Z]{12,}|gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{8,}"
    r"|sk[-_](?:live_|test_|proj-)?[\w-]{16,}|[rp]k_(?:live|test)_\w{8,}|AIza[\w-]{30,}|npm_\w{16,}|pypi-[\w-]{16,}"
    r"|eyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?)"
)
_PRIVATE_KEY = re.compile(r"(?s)(?P<before>-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)")
_NEAR = re.compile(rf"(?i)(?:\b|_){_WORD}|\bauth|\bbearer|\bsignature\b|\bsession\b|\bcookie\b")
_LONG = re.compile(r"(?<![\w/.:+-])(?=[\w+/-]*\d)(?=[\w+/-]*[A-Za-z])[\w+/-]{20,}={0,2}(?![\w/.])")
_LONGEST = 2000
"""Characters of a line that is read to its end: the time for it grows with the square of them."""
_DISTANCE = 60
"""Characters between a word for a secret and a long token that is taken for one."""


def without_secrets(text: str) -> str:
    """Replace what looks like a password, a token or a key; all else stays as it is, but for the end of a line of no message."""
    lines = _PRIVATE_KEY.sub(_hidden, text).split("\n")
    return "\n".join(_line_without_secrets(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…") for line in lines)


def _line_without_secrets(text: str) -> str:
    for pattern in (_AUTHORITY, _USER_ALONE, _HOST):
        text = pattern.sub(_hidden_in_url, text)
    for pattern in (_HEADER, _BEARER):
        text = pattern.sub(_hidden, text)
    text = _KNOWN.sub(HIDDEN, text)
    text = _KEY_OF_ROW.sub(_hidden, text)
    for pattern in (_IDENTIFIED, _ASSIGNED, _SAID, _NAMED):
        text = pattern.sub(_hidden_value, text)
    text = _MIXED.sub(_hidden, text)
    return _LONG.sub(lambda found: HIDDEN if _is_token(text, found) else found[0], text)


def _hidden(found: re.Match[str]) -> str:
    return f"{found['before']}{HIDDEN}"


def _hidden_in_url(found: re.Match[str]) -> str:
    separator = ":" if found.re is _AUTHORITY else ""
    return f"{found['before']}{separator}{HIDDEN}"


def _hidden_value(found: re.Match[str]) -> str:
    """Hide a value, unless it says something about the secret; keep the quotes and what closes a bracket around it."""
    before, value = found["before"], found["value"]
    if value.strip("'\"`.,;:!)]}(").lower() in _ORDINARY or _PLACEHOLDER.fullmatch(value):
        return found[0]
    opening = re.match(r"\\?[\"'`]", value)
    if opening is None:
        closing = re.search(r"[)\]},.;:]*$", value)
        return f"{before}{HIDDEN}{closing[0] if closing else ''}"
    return f"{before}{opening[0]}{HIDDEN}{opening[0]}"


def _is_token(text: str, found: re.Match[str]) -> bool:
    """Say whether a long run of letters and digits stands near a word for a secret and is no name in words."""
    token = found[0]
    around = text[max(0, found.start() - _DISTANCE) : found.start()] + " " + text[found.end() : found.end() + _DISTANCE]
    digits = sum(each.isdigit() for each in token)
    is_random = (token.lower() != token and token.upper() != token and digits >= 2) or (
        "_" not in token and digits * 5 >= len(token)
    )
    return is_random and _NEAR.search(around) is not None
