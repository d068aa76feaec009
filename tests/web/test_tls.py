"""Pictures over TLS from a server of this machine: the certificate must be that of the name, whatever the address."""

import datetime
import ssl

import pytest
import trustme
from small_web import HOME, downloader, drawn, serve

from feelscope.errors import PictureError
from feelscope.web.download import NoAnswer

NAME = "pictures.test"
ADDRESSES = {NAME: [HOME], "other.test": [HOME]}


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


@pytest.fixture
def trusted(authority, tmp_path, monkeypatch):
    """The authority is the one that this machine knows."""
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))


def tls(authority, *names, **more):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names, **more).configure_cert(context)
    return context


def test_a_picture_of_a_name_with_a_certificate_comes_from_the_address_that_was_checked(trusted, authority):
    context, said = tls(authority, NAME), []
    context.sni_callback = lambda connection, name, _: said.append(name)
    picture = drawn()
    with serve({"/a": "/b", "/b": picture}, context) as (port, asked, _):
        assert downloader(port, ADDRESSES).fetch(f"https://{NAME}:{port}/a") == picture
    assert asked == ["/a", "/b"]
    assert said == [NAME, NAME], "the server is asked for the name, at the address"


@pytest.mark.parametrize("names", [["other.test"], [HOME], ["test"], ["*.pictures.test"]])
def test_a_certificate_of_another_name_is_refused(trusted, authority, names):
    """Also one of the address itself: who answers there need not be who was asked for."""
    with (
        serve({"/a": drawn()}, tls(authority, *names)) as (port, asked, _),
        pytest.raises(NoAnswer, match="the server's certificate is refused") as error,
    ):
        downloader(port, ADDRESSES).fetch(f"https://{NAME}:{port}/a")
    assert "mismatch" in str(error.value) and NAME in str(error.value)
    assert "\n" not in str(error.value)
    assert "/a" not in asked, "nothing was asked for"


def test_a_redirect_to_a_certificate_of_another_name_is_refused(trusted, authority):
    other, own = tls(authority, "third.test"), tls(authority, NAME)
    with (
        serve({"/b": drawn()}, other) as (there, asked, _),
        serve({"/a": f"https://other.test:{there}/b"}, own) as (port, _, _),
        pytest.raises(NoAnswer, match="certificate is refused"),
    ):
        downloader(port, ADDRESSES, (there,)).fetch(f"https://{NAME}:{port}/a")
    assert "/b" not in asked


def test_a_certificate_that_nobody_known_signed_is_refused(authority):
    with (
        serve({"/a": drawn()}, tls(authority, NAME)) as (port, asked, _),
        pytest.raises(NoAnswer, match="the server's certificate is refused"),
    ):
        downloader(port, ADDRESSES).fetch(f"https://{NAME}:{port}/a")
    assert "/a" not in asked


def test_a_certificate_that_is_over_is_refused(trusted, authority):
    over = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    with (
        serve({"/a": drawn()}, tls(authority, NAME, not_after=over)) as (port, asked, _),
        pytest.raises(NoAnswer, match=r"certificate is refused .*expired"),
    ):
        downloader(port, ADDRESSES).fetch(f"https://{NAME}:{port}/a")
    assert "/a" not in asked


def test_a_private_address_is_refused_before_any_handshake(trusted, authority):
    with (
        serve({"/a": drawn()}, tls(authority, NAME)) as (port, asked, _),
        pytest.raises(PictureError, match=r"address 127\.0\.0\.1 is not of the public internet"),
    ):
        downloader(port, {NAME: [HOME, "127.0.0.1"]}).fetch(f"https://{NAME}:{port}/a")
    assert asked == []


def test_a_server_without_tls_is_no_answer(trusted):
    with serve({"/a": drawn()}) as (port, _, _), pytest.raises(NoAnswer, match="no answer") as error:
        downloader(port, ADDRESSES).fetch(f"https://{NAME}:{port}/a")
    assert "\n" not in str(error.value)
