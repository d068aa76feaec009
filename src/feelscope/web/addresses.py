"""Which machines a picture may be fetched from: those of the public internet, and no others.

A post's address may point, by itself or by a redirect or by its name's entry, at a machine of the network that
Feelscope runs in. Every hop's name is resolved once, every address it resolves to is checked, and the connection
goes to the address that was checked, so that a second look-up cannot give another one.
"""

import http.client
import ipaddress
import socket
import ssl
import urllib.request
from collections.abc import Callable

from feelscope.errors import PictureError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NEVER = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("fec0::/10"))  # global to Python 3.11


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet; one that carries another is judged by that as well."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    refused = address.is_multicast or address.is_reserved or any(address in network for network in _NEVER)
    return address.is_global and not refused


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


class _Pinned(http.client.HTTPConnection):
    """A connection to the address that was checked, whatever its host's name resolves to by now.

    Args:
        check: A host and a port to one address of it that may be connected to.
        tls: For https; the certificate must be the host's, not the address's.
    """

    # By hand, as no client resolves, checks and connects in one step. With httpx the address would be in the URL
    # and the name in `Host` and `sni_hostname`, and its pool would lend the connection of one name to another.
    def __init__(self, host: str, *, timeout: float, check: Callable[[str, int], str], tls: ssl.SSLContext | None):
        self.default_port = 80 if tls is None else 443
        super().__init__(host, timeout=timeout)
        self.check, self.tls = check, tls

    def connect(self) -> None:
        self.sock = socket.create_connection((self.check(self.host, self.port), self.port), self.timeout)
        if self.tls is not None:
            self.sock = self.tls.wrap_socket(self.sock, server_hostname=self.host)


class Pinning(urllib.request.HTTPHandler, urllib.request.HTTPSHandler):
    """Lets an opener reach the addresses that may be connected to, and no others.

    Raises:
        PictureError: One of a host's addresses may not be connected to, or there is none.
    """

    def __init__(self, resolve: Resolve, allowed: Callable[[Address], bool]) -> None:
        super().__init__()
        self._resolve, self._allowed = resolve, allowed
        self._tls = ssl.create_default_context()

    def _check(self, host: str, port: int) -> str:
        """One address of a host, when all of them may be connected to."""
        try:
            texts = self._resolve(host, port)
            addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in texts]
            chosen = texts[0]
        except (OSError, ValueError, IndexError) as error:
            raise PictureError(f"no address is known for {host}") from error
        for address in addresses:
            if not self._allowed(address):
                raise PictureError(f"address {address} is not of the public internet")
        return chosen

    def http_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Pinned, request, check=self._check, tls=None)  # type: ignore[arg-type]

    def https_open(self, request: urllib.request.Request) -> http.client.HTTPResponse:
        return self.do_open(_Pinned, request, check=self._check, tls=self._tls)  # type: ignore[arg-type]
