"""Words as a hostile branch may hold them: whatever shows or runs them has to take them as they are."""

from __future__ import annotations

CONTROL = "a\x1b]0;owned\x07\x1b[2Jb"
BIDIRECTIONAL = "a\u202e\u2066b\u2069c\u200f"
LINE_ENDS = "a\nb\r\nc\x85d\u2028e"
OPTIONS = ("--upload-pack=x", "-rf", "--", "-")
SHELL = "a $HOME `touch ran` $(touch ran) 'q' \"d\" \\n ;touch ran; %s & b"
WORKFLOW = "a %0A::add-mask::x %25 ::error file=x,line=1::y ##[command]z"
MARKUP = 'a </title><script>x</script> ]]> &amp; <!-- " b'
DIAGRAM = 'a"]:::head %% end; click n0 "x" #quot; --> [b](c) **d**'
BYTES = "a\udcff\udc80b"

TEXTS = (CONTROL, BIDIRECTIONAL, LINE_ENDS, *OPTIONS, SHELL, WORKFLOW, MARKUP, DIAGRAM, BYTES)
"""All of them."""

NAMES = (
    CONTROL,
    BIDIRECTIONAL,
    "a\nb",
    "a\n",
    "-rf",
    "--upload-pack=x",
    SHELL,
    "a %0A::error::b",
    "a <b> & 'c'",
    BYTES,
    "größe 表",
)
"""Those that can be the name of a file or a folder."""
