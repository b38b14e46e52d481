"""What migmerge is about, as data: standard library only, no I/O, no clock, no print."""
