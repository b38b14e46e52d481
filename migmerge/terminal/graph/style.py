"""The colours and fonts of the SVG picture."""

from __future__ import annotations

_LIGHT = ("#0e7490", "#a21caf", "#15803d", "#1d4ed8", "#a16207", "#be123c")
_DARK = ("#22d3ee", "#e879f9", "#4ade80", "#60a5fa", "#facc15", "#fb7185")


def _lanes(colors: tuple[str, ...]) -> str:
    return "".join(f".s{number}{{stroke:{color}}}.f{number}{{fill:{color}}}" for number, color in enumerate(colors))


STYLE = (
    'text{font:13px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;fill:#1e293b}'
    '.id,.badge text{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}'
    ".id{font-size:12.5px;fill:#92400e}.heading{font-size:17px;font-weight:600}.quiet{font-size:12px;fill:#64748b}"
    ".badge text{font-size:10.5px;text-anchor:middle}.paper{fill:#fff}.band{fill:transparent}g:hover>.band{fill:#f1f5f9}"
    ".edge{fill:none;stroke-width:2}.dotted{stroke-dasharray:0.1 5;stroke-linecap:round}"
    ".needs{stroke:#94a3b8;stroke-width:1.5;stroke-dasharray:5 3}.circle{stroke:#dc2626;stroke-dasharray:4 2}"
    ".cross{fill:none;stroke:#dc2626;stroke-width:2.5;stroke-linecap:round}.wrong{fill:#dc2626}"
    ".hollow{fill:#fff;stroke-width:2.5}.ring{fill:#10b98133;stroke:#059669}.tip{fill:#059669}"
    ".head rect{fill:#d1fae5}.head text{fill:#065f46}.point rect{fill:#fef3c7}.point text{fill:#92400e}"
    ".merge rect{fill:#ede9fe}.merge text{fill:#5b21b6}.broken rect{fill:#fee2e2}.broken text{fill:#991b1b}"
    ".plain rect{fill:#e2e8f0}.plain text{fill:#334155}"
    + _lanes(_LIGHT)
    + "@media(prefers-color-scheme:dark){text{fill:#e2e8f0}.id{fill:#fbbf24}.quiet{fill:#94a3b8}.paper{fill:#0f172a}"
    "g:hover>.band{fill:#1e293b}.hollow{fill:#0f172a}.ring{stroke:#34d399}.tip{fill:#34d399}"
    ".head rect{fill:#064e3b}.head text{fill:#a7f3d0}.point rect{fill:#78350f}.point text{fill:#fde68a}"
    ".merge rect{fill:#4c1d95}.merge text{fill:#ddd6fe}.broken rect{fill:#7f1d1d}.broken text{fill:#fecaca}"
    ".plain rect{fill:#334155}.plain text{fill:#e2e8f0}" + _lanes(_DARK) + "}"
)
"""Colours written out for light and dark: viewers that are no browsers know no CSS variables."""
