"""What kind of place an Internet address is: the one table for everything that this installation calls or fetches.

Our own lists, because Python's ``is_global`` differs between versions and lets several internal addresses through when
they are wrapped in IPv6. Source: the IANA special-purpose address registries, and the clouds' metadata services.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Literal

Address = IPv4Address | IPv6Address
Place = Literal["public", "private", "never"]

# What may never be called, whatever is allowed: cloud metadata, link-local, multicast, unspecified.
NEVER = tuple(
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "169.254.0.0/16",
        "100.100.100.200/32",  # Alibaba metadata
        "168.63.129.16/32",  # Azure wire server
        "192.0.0.192/32",  # Oracle metadata
        "224.0.0.0/4",
        "240.0.0.0/4",
        "::/128",
        "fe80::/10",
        "fd00:ec2::254/128",  # AWS metadata over IPv6
        "fd20:ce::254/128",  # Google metadata over IPv6
        "ff00::/8",
    )
)
PRIVATE = tuple(
    ip_network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    )
)
# Of IPv6 only this block is handed out to the public; everything else is private without a list.
PUBLIC_IPV6 = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
IPV4_COMPATIBLE = IPv6Network("::/96")


def place_of(text: str) -> Place:
    """Where the address leads. An IPv4 address inside an IPv6 one counts as itself; a zone (``%eth0``) is left out."""
    address = unwrapped(ip_address(text.partition("%")[0]))
    if any(address in network for network in NEVER):
        return "never"
    is_unlisted = isinstance(address, IPv6Address) and address not in PUBLIC_IPV6
    return "private" if is_unlisted or any(address in network for network in PRIVATE) else "public"


def is_public(text: str) -> bool:
    """Whether the address is one anybody on the Internet could reach."""
    return place_of(text) == "public"


def unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one that only wraps it (mapped, compatible, 6to4, Teredo, NAT64)."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if address in NAT64 or (address in IPV4_COMPATIBLE and int(address) > 1):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address
