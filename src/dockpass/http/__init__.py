"""HTTP as a login needs it: one origin, one connection, one request at a time."""
