"""Which machines a picture may be fetched from: those of the public internet, and no others.

A post's address may point, by itself or by a redirect or by its name's entry, at a machine of the network that
Feelscope runs in. Every hop's name is resolved once, every address it resolves to is checked, and the connection
goes to the address that was checked, so that a second look-up cannot give another one.
"""

import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable

from feelscope.errors import PictureError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Not all of these are known to every Python as not global.
_NEVER = tuple(
    map(
        ipaddress.ip_network,
        ("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "fec0::/10"),
    )
)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet; one that carries another is judged by that as well."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    if any(address in network for network in _NEVER if network.version == address.version):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def checked(host: str, port: int, resolve: Resolve, allowed: Callable[[Address], bool]) -> str:
    """One address of a name, when all of them may be connected to.

    Raises:
        PictureError: One of them may not, or there is none.
    """
    try:
        found = resolve(host, port)
    except (OSError, UnicodeError) as error:
        raise PictureError(f"no address is known for {host}") from error
    if not found:
        raise PictureError(f"no address is known for {host}")
    for text in found:
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError as error:
            raise PictureError(f"no address is known for {host}") from error
        if not allowed(address):
            raise PictureError(f"address {address} is not of the public internet")
    return found[0]


class Pinned(http.client.HTTPConnection):
    """A connection to an address that was checked, whatever its host's name resolves to by now."""

    def __init__(self, host: str, port: int, address: str, timeout: float) -> None:
        super().__init__(host, port, timeout=timeout)
        self.address = address

    def connect(self) -> None:
        """Connect to the checked address."""
        self.sock = socket.create_connection((self.address, self.port), self.timeout)


class PinnedTls(Pinned):
    """The same with TLS; the certificate must be the host's."""

    def connect(self) -> None:
        """Connect to the checked address, and check the certificate against the name."""
        super().connect()
        self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self.host)
