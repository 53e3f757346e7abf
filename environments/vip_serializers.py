"""Shape of a virtual address (contract, "Environments")."""

from __future__ import annotations

import ipaddress

from rest_framework import serializers

from config.core.api.views import StrictSerializer

MOST_NODES = 12  # by their priorities, twenty apart


class VipPreviewInput(StrictSerializer):
    vip = serializers.CharField(max_length=45, help_text="An IPv4 or IPv6 address that is free.")
    interface = serializers.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}\Z", help_text="Where every one of the nodes has it."
    )
    mode = serializers.ChoiceField(
        choices=["vip", "lvs"],
        default="vip",
        help_text="`lvs` also balances by IPVS, where the nodes' kernel has it.",
    )
    nodes = serializers.ListField(
        child=serializers.IntegerField(min_value=1),
        min_length=2,
        max_length=MOST_NODES,
        help_text="Ids; the address is on the first as long as the port answers there.",
    )
    port = serializers.IntegerField(
        min_value=1, max_value=65535, help_text="TCP; where it does not answer, the address leaves."
    )

    def validate_vip(self, value: str) -> str:
        """In the one form in which hosts print it."""
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            raise serializers.ValidationError("Must be an IP address.") from None
        if (
            address.is_multicast
            or address.is_loopback
            or address.is_unspecified
            or address.is_link_local
            or getattr(address, "ipv4_mapped", None)
            or address == ipaddress.ip_address("255.255.255.255")
        ):
            raise serializers.ValidationError("No host can be reached at such an address.")
        return str(address)

    def validate_nodes(self, value: list[int]) -> list[int]:
        if len(set(value)) < len(value):
            raise serializers.ValidationError("Each node once.")
        return value
