"""A login at Bluesky: with an app password, in memory alone, made again where it has expired."""

from dataclasses import replace
from typing import Any

from feelscope.collect.api import Api, Parameters, Refused
from feelscope.errors import CollectError

_EXPIRED = "ExpiredToken"  # of the answer to a call, about two hours after the login


class Login:
    """Asks as an account.

    Args:
        api: Of the host that the account is at.
        handle: The account's name.
        password: An app password, not the account's own.
    """

    def __init__(self, api: Api, handle: str, password: str) -> None:
        self._api, self._handle, self._password = api, handle, password
        self._is_in = False

    def get(self, path: str, parameters: Parameters) -> Any:
        """Ask as `Api.get` does."""
        if self._is_in:
            try:
                return self._api.get(path, parameters)
            except Refused as error:
                if _EXPIRED not in error.said:
                    raise
        self._enter()
        return self._api.get(path, parameters)

    def _enter(self) -> None:
        said = {"identifier": self._handle, "password": self._password}
        answer = replace(self._api, headers={}).post("/xrpc/com.atproto.server.createSession", said)
        token = answer.get("accessJwt") if isinstance(answer, dict) else None
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise CollectError(f"bluesky: expected a login and got {str(answer)[:60]!r}; try again later")
        self._api, self._is_in = replace(self._api, headers={"Authorization": f"Bearer {token}"}), True
