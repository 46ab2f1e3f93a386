"""One night, played for real: a hub process and separate agency processes over loopback."""
