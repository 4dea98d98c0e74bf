"""Which addresses may be called: decided on the address that is connected to, not on the name."""

import pytest

from evals.clients.errors import ForbiddenAddress
from evals.clients.network import check_address

EVERYTHING = ("0.0.0.0/0", "::/0")


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",  # NAT64
        "2002:a9fe:a9fe::1",  # 6to4
        "::169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fe80::1%eth0",
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",
        "::",
        "255.255.255.255",
    ],
)
def test_metadata_and_link_local_are_never_called_whatever_is_allowed(address: str) -> None:
    with pytest.raises(ForbiddenAddress, match="never called"):
        check_address(address, allowed_networks=EVERYTHING, host="sneaky.example")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "::1",
        "10.1.2.3",
        "172.31.0.1",
        "192.168.1.9",
        "100.64.0.1",
        "fd12::1",
        "::ffff:10.0.0.1",
        "fec0::1",
    ],
)
def test_private_addresses_need_the_setting_and_the_error_names_it(address: str) -> None:
    with pytest.raises(ForbiddenAddress, match=r"intranet\.example leads to .*ALLOW_PRIVATE_NETWORKS"):
        check_address(address, allowed_networks=(), host="intranet.example")
    check_address(address, allowed_networks=EVERYTHING, host="intranet.example")


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "172.32.0.1", "100.128.0.1"])
def test_public_addresses_need_nothing(address: str) -> None:
    check_address(address, allowed_networks=(), host="api.example")


def test_only_the_allowed_network_is_allowed() -> None:
    check_address("192.168.1.9", allowed_networks=("192.168.1.0/24",), host="h")
    with pytest.raises(ForbiddenAddress):
        check_address("192.168.2.9", allowed_networks=("192.168.1.0/24",), host="h")
