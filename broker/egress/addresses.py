"""Which addresses the hub sends to: those of the public internet, and networks that the operator lists.

Sources: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890, as of 2026); RFC 4291 section 2.4 for what is
global unicast. Written out, because what the standard library calls private has changed between its releases.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NOT_PUBLIC_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # multicast tunnels
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that is assigned of IPv6's public addresses. Outside lie loopback, mapped and compatible IPv4, NAT64
(64:ff9b::/96 and 64:ff9b:1::/48), unique local, link-local and multicast addresses."""
_NOT_PUBLIC_6 = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments: Teredo, benchmarks, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries any IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)


def is_public(address: Address) -> bool:
    """Say whether an address is an ordinary one of the public internet, which carries no other address in it."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _NOT_PUBLIC_4)
    if address.scope_id is not None:
        return False
    return address in _GLOBAL_UNICAST and not any(address in network for network in _NOT_PUBLIC_6)


@dataclass(frozen=True)
class Allowance:
    """What may be reached: public addresses, and the networks that the operator lists."""

    networks: tuple[Network, ...] = ()

    @classmethod
    def read(cls, texts: Iterable[str]) -> "Allowance":
        """Read networks such as `10.20.0.0/16`; ValueError for anything else."""
        try:
            return cls(tuple(ip_network(text) for text in texts))
        except ValueError:
            raise ValueError(
                "a network is written as address and length with no bits beyond it, such as 10.20.0.0/16"
            ) from None

    def lists(self, address: Address) -> bool:
        """Say whether the operator has listed the address."""
        plain = not (isinstance(address, IPv6Address) and address.scope_id is not None)
        return plain and any(address.version == network.version and address in network for network in self.networks)

    def takes(self, address: Address, *, encrypted: bool) -> bool:
        """Say whether a request may go to an address. Without TLS only what the operator has listed."""
        return self.lists(address) or (encrypted and is_public(address))


def parse(text: str) -> Address | None:
    """Read an address as a resolver gives it, or None. Forms that only some libraries read are not addresses."""
    try:
        return ip_address(text)
    except ValueError:
        return None
