"""paramiko's transport, which keeps what a server offered, and asks whether it is still there."""

from __future__ import annotations

import weakref
from typing import Any, Final

import paramiko
from paramiko.common import cMSG_GLOBAL_REQUEST

from environments.ssh.streams import Stream, WatchedStream

_ASK_EVERY: Final = 10.0  # seconds
_PATIENCE: Final = 25.0  # seconds: who has gone silent is noticed within 35


class Transport(paramiko.Transport):
    """`offered`: the lists of algorithms of the server's first message, by paramiko's names."""

    def __init__(self, stream: Stream) -> None:
        self._stream = WatchedStream(stream, patience=_PATIENCE)
        super().__init__(self._stream)  # type: ignore[arg-type]  # anything like a socket will do
        self.offered: dict[str, list[str]] = {}
        self._refusal: paramiko.ChannelException | None = None

    def open_channel(self, *arguments: Any, **named: Any) -> paramiko.Channel:
        """Raises a ChannelException when the host refuses, also to many threads at once: paramiko
        keeps one exception for all of them, and gives it to the first that asks."""
        try:
            return super().open_channel(*arguments, **named)
        except paramiko.SSHException as error:
            if self._refusal and self.is_active() and "Unable to open" in str(error):
                raise self._refusal from error
            raise

    def keep_alive(self) -> None:
        """Asks for a sign of life whenever the line is silent; without one the connection ends.

        paramiko's own keepalive asks for no answer, so a peer that is gone stays unnoticed.
        """
        this = weakref.proxy(self)  # the transport holds its packetizer, and that this
        self.packetizer.set_keepalive(_ASK_EVERY, lambda: this._ask())

    def _ask(self) -> None:
        """Called in the transport's own thread, which must not wait for the answer."""
        if not self.clear_to_send.is_set():  # keys are being exchanged: nothing else may be sent
            return
        message = paramiko.Message()
        message.add_byte(cMSG_GLOBAL_REQUEST)
        message.add_string("keepalive@openssh.com")  # any server answers, if only that it won't
        message.add_boolean(True)  # noqa: FBT003 - an answer is wanted
        self._stream.expect_answer()
        self._send_user_message(message)  # type: ignore[attr-defined]  # `global_request` waits

    def _parse_channel_open_failure(self, message: paramiko.Message) -> None:
        copy = paramiko.Message(message.asbytes())
        copy.get_int()  # the channel's number
        self._refusal = paramiko.ChannelException(copy.get_int(), copy.get_text())
        super()._parse_channel_open_failure(message)  # type: ignore[misc]  # the stubs lack it

    def _really_parse_kex_init(self, *arguments: Any, **named: Any) -> dict[str, Any]:
        parsed: dict[str, Any] = super()._really_parse_kex_init(*arguments, **named)  # type: ignore[misc]  # the stubs lack it
        self.offered = {
            name: list(value) for name, value in parsed.items() if isinstance(value, list)
        }
        return parsed
