"""How stand-in programs and the test speak: one HTTP request a call, answered by a script."""

from __future__ import annotations

import base64
import shlex
import socketserver
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Final

# Sends its arguments, and the file that they name, and does what it is told.
PROGRAM: Final = """\
#!/bin/sh
# Stands in for {name}.
[ "$*" != "{asked}" ] || exec echo "{version}"
file=/dev/null
previous=
for argument in "$@"; do
    case $previous in
    --config | --filename | import) file=$argument ;;
    esac
    previous=$argument
done
[ "$file" != - ] || file=/dev/stdin
arguments=$(for argument in "$@"; do printf '%s\\n' "$argument"; done | base64 | tr -d '\\n')
told=$(cat "$file" | curl --silent --show-error --fail --max-time 60 {curl} \\
    --header "Program: {name}" --header "Host-Name: $(uname -n)" \\
    --header "Arguments: $arguments" --header 'Expect:' --data-binary @- {url}) || exit 99
eval "$told"
"""
VERSION: Final = "v1.31.4"
# By program: the arguments that ask for the version, and the answer.
VERSIONS: Final = {
    "kubeadm": ("version -o short", VERSION),
    "kubelet": ("--version", f"Kubernetes {VERSION}"),
    "ctr": ("version", "Server:  1.7.22"),
    "crictl": ("version", "RuntimeName:  containerd"),
}


@dataclass(frozen=True)
class Call:
    """`file`: what the file held that the arguments name."""

    host: str
    program: str
    arguments: tuple[str, ...]
    file: bytes = field(repr=False)

    @property
    def line(self) -> str:
        """As one would type it."""
        return shlex.join([self.program, *self.arguments])

    def after(self, name: str) -> str:
        """The argument behind that one; empty where there is none."""
        if name not in self.arguments[:-1]:
            return ""
        return self.arguments[self.arguments.index(name) + 1]


Answer = Callable[[Call], str]


def said(text: str, code: int = 0) -> str:
    """The script of a program that prints this, and exits."""
    return f"cat <<'SAID'\n{text}\nSAID\nexit {code}\n" if text else f"exit {code}\n"


def files(contents: Mapping[str, str]) -> str:
    """The beginning of a script: these files are there."""
    return "".join(
        f"mkdir -p {Path(path).parent}\ncat >{path} <<'FILE'\n{content}\nFILE\n"
        for path, content in contents.items()
    )


class _Threading(socketserver.ThreadingMixIn):
    daemon_threads = True


class _AtAddress(_Threading, socketserver.TCPServer):
    allow_reuse_address = True


class _AtPath(_Threading, socketserver.UnixStreamServer):
    pass


class Answering:
    """Answers calls, at an address's free port or at the path of a socket, until it is left."""

    def __init__(self, answer: Answer, at: str | Path) -> None:
        handler = type("_Handler", (_Handler,), {"answer": staticmethod(answer)})
        self._server: socketserver.BaseServer
        if isinstance(at, Path):
            self._server = _AtPath(str(at), handler)
            self.program = {"curl": f"--unix-socket {at}", "url": "http://test/"}
        else:
            server = _AtAddress((at, 0), handler)
            self._server = server
            self.program = {"curl": "", "url": f"http://{at}:{server.server_address[1]}/"}
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> Answering:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def text_of(self, name: str) -> str:
        """The stand-in of that name. Its version it knows by itself: that is asked for often."""
        asked, version = VERSIONS.get(name, ("never", ""))
        return PROGRAM.format(name=name, asked=asked, version=version, **self.program)


class _Handler(BaseHTTPRequestHandler):
    answer: Answer

    def do_POST(self) -> None:
        arguments = base64.b64decode(self.headers.get("Arguments", "")).decode().splitlines()
        file = self.rfile.read(int(self.headers["Content-Length"]))
        call = Call(self.headers["Host-Name"], self.headers["Program"], tuple(arguments), file)
        told = self.answer(call).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, format: str, *_: object) -> None:
        """Quiet."""
