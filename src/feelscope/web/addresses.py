"""Which machines a picture may be fetched from: those of the public internet, and no others.

A post's address may point, by itself or by a redirect or by its name's entry, at a machine of the network that
Feelscope runs in. Every hop's name is resolved once, every address it resolves to is checked, and the connection
goes to an address that was checked, so that a second look-up cannot give another one.
"""

import ipaddress
from collections.abc import Callable

from feelscope.errors import PictureError
from feelscope.web.connection import Resolve

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # all that is given out of IPv6
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)  # before an IPv4 address, in any network's IPv6 addresses
# Global to Python 3.11, or public by its number alone.
_NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",  # carriers' own
        "192.0.0.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "168.63.129.16/32",  # the host of every machine at Azure
        "2001::/23",  # Teredo, benchmarks, ORCHID
        "3fff::/20",  # examples
    )
)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet; one that carries another is judged by that as well."""
    if isinstance(address, ipaddress.IPv6Address):
        number = int(address)
        if address.scope_id is not None:  # an interface of this machine
            return False
        if address.ipv4_mapped or address in _NAT64:
            return is_public(ipaddress.IPv4Address(number & 0xFFFFFFFF))
        if address not in _GLOBAL_UNICAST:
            return False
        if address.sixtofour:
            return is_public(address.sixtofour)
        if number >> 32 & 0xFFFFFFFF in _ISATAP and not is_public(ipaddress.IPv4Address(number & 0xFFFFFFFF)):
            return False
    refused = address.is_multicast or address.is_reserved or any(address in network for network in _NEVER)
    return address.is_global and not refused


def checked(resolve: Resolve, allowed: Callable[[Address], bool]) -> Resolve:
    """A look-up of names all of whose addresses may be connected to.

    Raises:
        PictureError: By the look-up: one of a host's addresses may not be connected to.
    """

    def addresses(host: str, port: int) -> list[str]:
        texts = resolve(host, port)
        for address in map(ipaddress.ip_address, texts):
            if not allowed(address):
                raise PictureError(f"address {address} is not of the public internet", "not of the public internet")
        return texts

    return addresses
