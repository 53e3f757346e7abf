"""HTTPS at 127.0.0.1 in a thread of its own, for the stand-in."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
import threading
from pathlib import Path

from aiohttp import web

from tests.kube.certificates import Authority, Pair
from tests.kube.standin import StandInApi


class Served:
    """The API on a port, from entering to leaving. Takes client certificates of its authority."""

    def __init__(self, api: StandInApi, authority: Authority, server: Pair) -> None:
        self._api = api
        self._tls = _tls(authority, server)
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="kubernetes-api", daemon=True)
        self.port = 0

    def __enter__(self) -> Served:
        self._thread.start()
        if not self._started.wait(10):
            raise RuntimeError("the stand-in did not start")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(10)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        async with self._api:
            runner = web.ServerRunner(web.Server(self._api, access_log=None), shutdown_timeout=0.1)
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=self._tls).start()
            self.port = int(runner.addresses[0][1])
            self._started.set()
            await self._stopping.wait()
            await runner.cleanup()


def _tls(authority: Authority, server: Pair) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder) / "chain.pem"
        chain.write_text(server.certificate + server.key)
        context.load_cert_chain(chain)
    context.load_verify_locations(cadata=authority.pem)
    context.verify_mode = ssl.CERT_OPTIONAL
    return context
