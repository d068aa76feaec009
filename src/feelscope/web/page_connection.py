"""One connection to a page's server: what every answer says, how long a request may take, and what is none."""

import asyncio
import json
from typing import cast

from feelscope.errors import needs_extra

with needs_extra("a page", "label"):
    import h11
    from uvicorn.protocols.http.h11_impl import H11Protocol

READ_SECONDS = 60  # in which who was answered must have read on
MOST = 500  # connections at once; with one more, the one that has waited longest for a request is closed
LONGEST_HEAD = 32_768  # bytes: room for a query and a subject of 1,000 letters each
HEADERS = {
    # What a page may load: its own files, what it has drawn, nothing from the web, no script or style inside a
    # page.
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-cache",
}


class Connection(H11Protocol):
    """Uvicorn's connection with deadlines: it has one for an idle connection alone, which any first byte ends.

    Whoever sends a request byte by byte, never ends one, or never reads the answer is cut off. Connections that wait
    cost no thread, so that others are answered meanwhile.
    """

    # In which a whole request must have come, from the last answer on; a slow sender gains nothing.
    request_seconds = 10
    _due: asyncio.TimerHandle | None = None  # when a request must have come
    _stuck: asyncio.TimerHandle | None = None  # when the answer must have been read on

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn's own
        super().connection_made(transport)
        self._expect_request()
        if len(self.connections) > MOST:
            waiting = [one for one in self.connections if isinstance(one, Connection) and one._due and one._owes]
            min(waiting, key=lambda one: cast(asyncio.TimerHandle, one._due).when(), default=self).transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        for timer in (self._due, self._stuck):
            if timer is not None:
                timer.cancel()

    def on_response_complete(self) -> None:
        self._expect_request()  # first, as the next request may be there and answered already
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stuck = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stuck is not None:
            self._stuck.cancel()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP as every other fault is answered, unless an answer is on its way."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            body = json.dumps({"error": "expected an HTTP request of the usual length"}).encode()
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
            answer = h11.Response(status_code=400, headers=[*(HEADERS | headers).items()], reason=b"Bad Request")
            for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        if self.cycle is not None:  # whose body broke off: nothing is to be answered any more
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.transport.close()

    @property
    def _owes(self) -> bool:
        """Whether a whole request has yet to come."""
        answering = self.cycle is not None and not self.cycle.response_complete
        return not answering or self.conn.their_state is h11.SEND_BODY

    def _expect_request(self) -> None:
        if self._due is not None:
            self._due.cancel()
        self._due = self.loop.call_later(self.request_seconds, self._overdue, READ_SECONDS - self.request_seconds)

    def _overdue(self, more: float) -> None:
        """Cut off who owes a request; who is still reading the last answer has `more` seconds."""
        if not self._owes:
            return
        if more > 0 and self.transport.get_write_buffer_size():
            self._due = self.loop.call_later(self.request_seconds, self._overdue, more - self.request_seconds)
        else:
            self.transport.abort()
