"""Which addresses an agency can make the hub reach."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.egress.addresses import Allowance, is_public, parse

NOT_PUBLIC = [
    "0.0.0.0",  # noqa: S104 (nothing is bound to it)
    "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.255.0.9",
    "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.170", "192.0.2.1", "192.88.99.1",
    "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::a00:1", "64:ff9b:1:ffff::1",
    "100::1", "2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1",
    "2001:db8::1", "2002:7f00:1::1", "2002:808:808::1", "3fff::1", "5f00::1",
    "fc00::1", "fd12:3456:789a::1", "fe80::1", "fe80::1%eth0", "2606:4700::1111%1", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "172.15.255.255", "172.32.0.0", "192.0.1.1", "198.17.255.255", "198.20.0.0", "223.255.255.255",
    "2001:200::1", "2001:4860:4860::8888", "2003::1", "2606:4700:4700::1111", "2a00:1450::1",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_what_is_not_an_ordinary_public_address_is_refused(text: str) -> None:
    """Loopback, private, shared, metadata, multicast, reserved, and every form that carries another address in it."""
    address = parse(text)
    assert address is not None
    assert not is_public(address)
    assert not Allowance().takes(address, encrypted=True)


@pytest.mark.parametrize("text", PUBLIC)
def test_ordinary_public_addresses_are_taken_with_tls_alone(text: str) -> None:
    """The public internet may be reached, and only encrypted."""
    address = parse(text)
    assert address is not None
    assert Allowance().takes(address, encrypted=True)
    assert not Allowance().takes(address, encrypted=False)


@given(st.ip_addresses())
def test_never_more_than_the_standard_library_calls_global(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    """Whatever the address: what is taken is global for the standard library too, and never multicast."""
    if is_public(address):
        assert not address.is_multicast
        assert not address.is_loopback
        assert not address.is_link_local
        assert not address.is_private


@given(st.ip_addresses(v=4))
def test_no_form_of_ipv6_smuggles_an_ipv4_address(address: ipaddress.IPv4Address) -> None:
    """Mapped, compatible, translated, 6to4 and NAT64: none is reached, whatever IPv4 address it carries."""
    value = int(address)
    for carrier in (
        value,
        0xFFFF << 32 | value,
        0xFFFF << 48 | value,
        0x64FF9B << 96 | value,
        0x64FF9B0001 << 80 | value,
        0x2002 << 112 | value << 80,
        0x20010000 << 96 | (value ^ 0xFFFFFFFF),
    ):
        assert not is_public(ipaddress.IPv6Address(carrier))


def test_an_operator_lists_exactly_what_it_lists() -> None:
    """A listed network is reached, with and without TLS; its neighbour, and the same address mapped, are not."""
    allowance = Allowance.read(["10.20.0.0/16", "fd00:20::/32"])
    for inside in ("10.20.0.1", "fd00:20::5"):
        assert allowance.takes(ipaddress.ip_address(inside), encrypted=False)
    for outside in ("10.21.0.1", "fd00:21::5", "::ffff:10.20.0.1", "64:ff9b::a14:1", "fd00:20::5%eth0"):
        assert not allowance.takes(ipaddress.ip_address(outside), encrypted=True)


@pytest.mark.parametrize("text", ["10.0.0.1/8", "everything", "", "10.0.0.0/33", "10.0.0.0/8 "])
def test_a_network_that_is_not_one_is_refused_without_repeating_it(text: str) -> None:
    """A slip in the operator's list stops the hub from starting, rather than opening more than was meant."""
    with pytest.raises(ValueError, match="a network is written as") as refused:
        Allowance.read([text])
    assert text == "" or text not in str(refused.value)
