"""Which addresses a picture may come from, and pictures from a real server of this machine."""

import ipaddress
import re
import time
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_web import HOME, downloader, drawn, serve

from feelscope.errors import PictureError
from feelscope.web.addresses import is_public
from feelscope.web.client import Limits, TooLong, ask
from feelscope.web.download import Downloader, NoAnswer


@pytest.mark.parametrize(
    "address",
    """
    127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 0.0.0.0 100.64.0.1 192.0.0.8 198.18.0.1
    224.0.0.1 255.255.255.255 240.0.0.1 ::1 :: fe80::1 fc00::1 fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
    64:ff9b::7f00:1
    64:ff9b::a9fe:a9fe 2002:7f00:1:: 2002:a9fe:a9fe:: fec0::1 2001:db8::1 0.1.2.3 100.127.255.254 192.88.99.1 192.0.2.1
    198.51.100.7 203.0.113.7 168.63.129.16 100.100.100.200 ::7f00:1 ::808:808 ::ffff:0:7f00:1 ::ffff:100.64.0.1
    64:ff9b:1::808:808 100::1 5f00::1 3fff::1 2001:2::1 2001:10::1 2001:0:808:808::1 2001:20::1 fe80::1%2
    2606:2800:21f:cb07::1%2 2606:2800:21f:cb07:0:5efe:7f00:1 2606:2800:21f:cb07:200:5efe:a00:1""".split(),
)
def test_addresses_of_this_machine_and_its_network_are_not_public(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07::1", "::ffff:8.8.8.8"])
def test_addresses_of_the_internet_are_public(address):
    assert is_public(ipaddress.ip_address(address))


@given(st.ip_addresses())
def test_no_private_address_is_public(address):
    if address.is_private or address.is_loopback or address.is_link_local or address.is_multicast:
        assert not is_public(address) or getattr(address, "ipv4_mapped", None)


def test_a_picture_is_fetched_through_redirects():
    picture = drawn()
    with serve({"/a": "/b?x=1", "/b?x=1": picture}) as (port, asked, _):
        assert downloader(port).fetch(f"http://{HOME}:{port}/a") == picture
    assert asked == ["/a", "/b?x=1"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("http://127.0.0.1/secret.png", "address 127.0.0.1 is not of the public internet"),
        ("http://169.254.169.254/latest/meta-data/", "address 169.254.169.254 is not of the public internet"),
        ("http://[::1]/x", "address ::1 is not of the public internet"),
        ("http://localhost/x", "address 127.0.0.1 is not"),
        ("http://rebound.test/x", "address 10.0.0.7 is not"),
        ("file:///etc/passwd", "no address of a picture"),
        ("ftp://example.org/x", "no address of a picture"),
        ("http://user:word@example.org/x", "no address of a picture"),
        ("http://127.0.0.2:22/x", "port 22 is not a web port"),
        ("http://127.0.0.2%3A22/x", "no address of a picture"),
        ("http://127.0.0.2%2F.example.org/x", "no address of a picture"),
        ("http://[bad/x", "no address of a picture"),
    ],
)
def test_a_redirect_to_where_nobody_may_go(target, said):
    names = {"localhost": ["127.0.0.1"], "rebound.test": [HOME, "10.0.0.7"]}
    with serve({"/a": target}) as (port, asked, _), pytest.raises(PictureError) as error:
        downloader(port, names).fetch(f"http://{HOME}:{port}/a")
    assert said in str(error.value)
    assert asked == ["/a"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("http://2130706433/x", "address 127.0.0.1 is not"),
        ("http://0x7f.1/x", "address 127.0.0.1 is not"),
        ("http://0177.0.0.1/x", "address 127.0.0.1 is not"),
        ("http://127.1/x", "address 127.0.0.1 is not"),
        ("http://0/x", "address 0.0.0.0 is not"),
        ("http://１２７。０。０。１/x", "address 127.0.0.1 is not"),
        ("http://①②⑦．⓪｡⓪.①/x", "address 127.0.0.1 is not"),
        ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/x", "address 127.0.0.1 is not"),
        ("http://[fe80::1%25eth0]/x", "no address of a picture"),
        ("http://[::ffff:127.0.0.1]/x", "is not of the public internet"),
        ("http://a⑴b/x", "no address of a picture"),
        ("http://a..b/x", "no address of a picture"),
        (f"http://{'a.' * 130}b/x", "no address of a picture"),
        ("http:///x", "no address of a picture"),
    ],
)
def test_other_ways_to_write_an_address_of_this_machine(target, said):
    """With the look-up of names of the system, which knows them all."""
    with pytest.raises(PictureError) as error:
        Downloader().fetch(target)
    assert said in str(error.value)


def test_no_host_is_read_in_two_ways():
    """Each letter that a host may have leaves only letters, digits, hyphens and dots of ASCII, or is refused."""
    fetcher = Downloader(resolve=lambda host, port: asked.append(host) or ["127.0.0.1"])
    asked = []
    odd = [letter for letter in map(chr, range(0x80, 0x10000)) if normalize("NFKC", letter).isascii()]
    for letter in [*map(chr, range(0x21, 0x80)), *odd]:
        with pytest.raises(PictureError):
            fetcher.fetch(f"http://a{letter}b.test/x")
    assert len(asked) > 300
    assert all(re.fullmatch("[a-z0-9._-]+", host) for host in asked)


def test_no_proxy_is_asked_as_it_would_resolve_the_name_again(monkeypatch):
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    picture = drawn()
    with serve({"/a": picture}) as (port, _, _):
        assert downloader(port).fetch(f"http://{HOME}:{port}/a") == picture


def test_the_connection_goes_to_the_address_that_was_checked():
    answers = iter([[HOME], ["127.0.0.1"]])  # a name that changes between the check and the connection
    with serve({"/a": drawn()}) as (port, _, _):
        fetcher = Downloader(
            ports=(port,), resolve=lambda host, port: next(answers), allowed=lambda address: str(address) == HOME
        )
        assert fetcher.fetch(f"http://changing.test:{port}/a")
        with pytest.raises(PictureError, match="not of the public internet"):
            fetcher.fetch(f"http://changing.test:{port}/a")


@pytest.mark.parametrize(("limit", "said"), [(64 * 2**20, "67 MB"), (20_000_000, "20 MB")])
def test_a_limit_is_said_in_whole_megabytes(limit, said):
    def large(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(limit + 1))
        handler.end_headers()

    with serve({"/large": large}) as (port, _, _), pytest.raises(TooLong) as error:
        ask(f"http://{HOME}:{port}/large", Limits(bytes=limit, seconds=30.0, silence=10.0))
    assert str(error.value) == f"an answer of over {said}"


def test_limits():
    def drip(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(100):
            handler.wfile.write(b"\x89")
            time.sleep(0.02)

    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        for _ in range(400):
            handler.wfile.write(b"\x89PNG\r\n\x1a\n" * 1000)

    def cut(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "9999")
        handler.end_headers()
        handler.wfile.write(b"\x89PNG")

    pages = {"/big": drawn(size=(900, 900)), "/drip": drip, "/endless": endless, "/loop": "/loop", "/cut": cut}
    pages |= {"/busy": 503}
    with serve(pages) as (port, _, _):
        small = downloader(port, bytes=100_000, seconds=0.3)

        def said(path, kind=PictureError):
            with pytest.raises(kind) as error:
                small.fetch(f"http://{HOME}:{port}{path}")
            return str(error.value)

        assert "an answer of over 0 MB" in said("/big")
        assert "an answer of over 0 MB" in said("/endless")
        assert "did not end in time" in said("/drip", NoAnswer)
        assert "over 5 redirects" in said("/loop")
        assert "connection was cut" in said("/cut", NoAnswer)
        assert "the server answers 404" in said("/none")
        assert "the server answers 503" in said("/busy", NoAnswer)
    assert "no answer (" in said("/closed", NoAnswer)
    with pytest.raises(PictureError, match="no address is known for"):
        Downloader().fetch("http://no-such-host.invalid/x.png")
