"""Settings of the service that would serve nobody, or anybody."""

import pytest

from feelscope.errors import ConfigError
from feelscope.serve.settings import ServiceSettings, check_host, read_keys


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"most_posts": 0}, "most_posts: expected 1 or more, found 0"),
        (
            {"waiting": 100},
            "waiting (--queue): expected room for the 256 posts of one request (--max-posts), found 100",
        ),
        ({"most_bytes": 3}, "most_bytes: expected 1,000 or more, found 3"),
        ({"grace": -1}, "grace: expected 0 or more, found -1"),
        *(
            ({"hosts": (host,)}, f"--allow-host {host}: expected a name alone, without http:// and without a port")
            for host in ("", "feel.example:8080", "http://feel.example")
        ),
        ({"keys": ("x" * 16, "short")}, "FEELSCOPE_API_KEYS: 1 of 2 keys have fewer than 16 letters"),
    ],
)
def test_refused(given, said):
    with pytest.raises(ConfigError) as refused:
        ServiceSettings(**given)
    assert str(refused.value) == said


def test_keys_come_from_the_environment():
    assert read_keys({}) == ()
    assert read_keys({"FEELSCOPE_API_KEYS": "one, two\nthree"}) == ("one", "two", "three")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.7", "::"])
def test_other_machines_need_a_key(host):
    check_host("127.0.0.1", ())
    check_host(host, ("k" * 16,))
    with pytest.raises(ConfigError, match="lets other machines ask; set FEELSCOPE_API_KEYS"):
        check_host(host, ())
