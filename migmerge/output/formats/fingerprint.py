"""What tells one finding from another from run to run, for tools that follow findings over time."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256

from ...core.finding import Finding


def fingerprints_of(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield a fingerprint for each finding; those of two findings about the same end in another number."""
    seen: Counter[str] = Counter()
    for finding in findings:
        identity = _identity(finding)
        seen[identity] += 1
        yield f"{identity}:{seen[identity]}"


def _identity(finding: Finding) -> str:
    """Hash what identifies a finding; its message is left out, for ages, branches and authors in it change."""
    parts = (finding.code, finding.environment, sorted(finding.revisions), sorted(finding.paths))
    return sha256(json.dumps(parts).encode()).hexdigest()[:32]
