"""A small daemon that speaks ClamAV's INSTREAM protocol, and finds the EICAR test file only."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# In two parts, so that no scanner takes this file for what it is about.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + rb"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
STREAM_MAX = 1_000_000


class _Handler(socketserver.StreamRequestHandler):
    """One scan: the command, pieces with their length before them, a piece of no length."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while length := int.from_bytes(self.rfile.read(4), "big"):
            piece = self.rfile.read(length)
            if len(piece) < length:
                return
            content += piece
            if len(content) > STREAM_MAX:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.scanned.append(content)
        self.wfile.write(self.server.says(content))


def found_in(content: bytes) -> bytes:
    """What the daemon answers for a content."""
    return b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


@contextmanager
def clamd(address: Path | None = None, says=found_in) -> Iterator[tuple[str, list[bytes]]]:
    """A daemon on a socket file, or on a port; its address, and all that it has scanned."""
    kind = socketserver.ThreadingTCPServer if address is None else socketserver.UnixStreamServer
    with kind(("127.0.0.1", 0) if address is None else str(address), _Handler) as server:
        server.scanned, server.says = [], says
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            at = f"unix:{address}" if address else f"tcp:127.0.0.1:{server.server_address[1]}"
            yield at, server.scanned
        finally:
            server.shutdown()
            thread.join()
