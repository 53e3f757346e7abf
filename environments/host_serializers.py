"""Shapes of hosts, the way to them, and how to sign in (contract, "Environments")."""

from __future__ import annotations

import ipaddress
import re
from typing import Any, TypeVar

from rest_framework import serializers

from config.core.api.fields import VisibleField
from config.core.api.views import StrictModelSerializer, StrictSerializer
from config.core.models import Project
from config.core.secrets import Secret
from environments.models import (
    Bastion,
    CredentialKind,
    Environment,
    EnvironmentNode,
    NodeRole,
    RuntimeType,
    SSHCredential,
)
from environments.ssh import private_keys

H = TypeVar("H", EnvironmentNode, Bastion)

# A dot or the end after every label: with an optional dot, matching takes exponential time.
_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?(?:\.|\Z))+"
)
_ROLES = {
    RuntimeType.COMPOSE: {NodeRole.COMPOSE},
    RuntimeType.K8S: {NodeRole.CONTROL_PLANE, NodeRole.WORKER, NodeRole.LB},
}


class CredentialSerializer(serializers.ModelSerializer[SSHCredential]):
    project_id = serializers.IntegerField(read_only=True)

    class Meta:
        model = SSHCredential
        fields = ["id", "name", "project_id", "kind", "created_at"]
        read_only_fields = fields


class CredentialInput(StrictSerializer):
    """The secrets are written, and never read back."""

    name = serializers.CharField(max_length=200)
    project_id = VisibleField(
        source="project", queryset=Project.objects.all(), permission="environment_read"
    )
    kind = serializers.ChoiceField(choices=CredentialKind.choices)
    private_key = serializers.CharField(required=False, max_length=16_384, trim_whitespace=False)
    passphrase = serializers.CharField(required=False, max_length=1024, trim_whitespace=False)
    password = serializers.CharField(required=False, max_length=1024, trim_whitespace=False)
    sudo_password = serializers.CharField(required=False, max_length=1024, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        kind = attrs["kind"]
        if not attrs.get(kind):
            raise serializers.ValidationError({kind: ["This kind of credential needs it."]})
        taken = SSHCredential.objects.filter(project=attrs["project"], name=attrs["name"])
        if taken.exists():
            raise serializers.ValidationError({"name": ["The project has one of this name."]})
        self._refuse_unusable_key(attrs)
        return attrs

    def _refuse_unusable_key(self, attrs: dict[str, Any]) -> None:
        if not attrs.get("private_key"):
            return
        key, passphrase = Secret(attrs["private_key"]), Secret(attrs.get("passphrase", ""))
        try:
            private_keys.load(key, passphrase)
        except private_keys.UnusableKey as error:
            raise serializers.ValidationError({error.field: [str(error)]}) from None


class HostSerializer(StrictModelSerializer[H]):
    """What nodes and bastions have in common: where they are, and how to sign in."""

    credential_id = VisibleField(
        source="credential",
        queryset=SSHCredential.objects.all(),
        permission="environment_manage",
    )
    port = serializers.IntegerField(min_value=1, max_value=65_535, default=22)
    user = serializers.RegexField(r"^[a-z_][a-z0-9_-]{0,31}\Z", default="root")
    enrolled = serializers.SerializerMethodField()

    def get_enrolled(self, host: EnvironmentNode | Bastion) -> bool:
        return bool(host.host_key)

    def validate_host(self, value: str) -> str:
        """A name or an IP address; nothing that a command line could take for something else."""
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            if not _HOST_NAME.fullmatch(value):
                raise serializers.ValidationError("Neither a host name nor an address.") from None
            return value
        if getattr(address, "scope_id", None):
            text = "An address with a zone (%) is another host on every machine of ours."
            raise serializers.ValidationError(text)
        return str(address)  # an IPv6 address has many spellings


class NodeSerializer(HostSerializer[EnvironmentNode]):
    # Goes into hooks' variables and file names, which are split at spaces and equals signs.
    name = serializers.RegexField(r"^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?\Z")
    bastion_id = VisibleField(
        source="bastion",
        queryset=Bastion.objects.all(),
        permission="environment_manage",
        required=False,
        allow_null=True,
        help_text="What the host is reached through",
    )
    facts = serializers.DictField(read_only=True)

    class Meta:
        model = EnvironmentNode
        fields = [
            "id",
            "name",
            "host",
            "port",
            "user",
            "role",
            "credential_id",
            "bastion_id",
            "enrolled",
            "fingerprint",
            "facts",
            "reason_code",
            "checked_at",
        ]
        read_only_fields = ["fingerprint", "reason_code", "checked_at"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        environment: Environment = self.context["environment"]
        role = attrs.get("role")
        if role and role not in _ROLES[RuntimeType(environment.runtime_type)]:
            text = f"A {environment.runtime_type} environment has no such role."
            raise serializers.ValidationError({"role": [text]})
        require_same_project(environment.project_id, attrs, "credential", "bastion")
        self._refuse_duplicates(environment, attrs)
        return attrs

    def _refuse_duplicates(self, environment: Environment, attrs: dict[str, Any]) -> None:
        others = (
            environment.nodes.exclude(pk=self.instance.pk) if self.instance else environment.nodes
        )
        if others.filter(name=attrs.get("name", "")).exists():
            raise serializers.ValidationError(
                {"name": ["The environment has a node of this name."]}
            )
        known = vars(self.instance) if self.instance else {}
        address = {name: attrs.get(name, known.get(name)) for name in ("host", "port")}
        if others.filter(**address).exists():
            raise serializers.ValidationError({"host": ["The environment has this host already."]})


class BastionSerializer(HostSerializer[Bastion]):
    project_id = VisibleField(
        source="project", queryset=Project.objects.all(), permission="environment_read"
    )
    via_id = VisibleField(
        source="via",
        queryset=Bastion.objects.all(),
        permission="environment_manage",
        required=False,
        allow_null=True,
        help_text="The bastion before it, in a chain",
    )

    class Meta:
        model = Bastion
        fields = [
            "id",
            "name",
            "project_id",
            "host",
            "port",
            "user",
            "credential_id",
            "via_id",
            "enrolled",
            "fingerprint",
            "created_at",
        ]
        read_only_fields = ["fingerprint"]
        validators: list[Any] = []  # of the name, below

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        bastion = self.instance if isinstance(self.instance, Bastion) else None
        project_id = bastion.project_id if bastion else attrs["project"].pk
        require_same_project(project_id, attrs, "credential", "via")
        others = Bastion.objects.filter(project_id=project_id, name=attrs.get("name", ""))
        if others.exclude(pk=bastion.pk if bastion else 0).exists():
            raise serializers.ValidationError({"name": ["The project has one of this name."]})
        return attrs


class BastionPatch(BastionSerializer):
    """A bastion stays in its project."""

    project_id = None  # type: ignore[assignment]  # how DRF is told to leave a field out

    class Meta(BastionSerializer.Meta):
        fields = [name for name in BastionSerializer.Meta.fields if name != "project_id"]


def require_same_project(project_id: int, attrs: dict[str, Any], *names: str) -> None:
    """What a host refers to has to be its project's own. Raises DRF's ValidationError."""
    for name in names:
        row = attrs.get(name)
        if row and row.project_id != project_id:
            raise serializers.ValidationError({f"{name}_id": [f"No such {name} here."]})


class HostKeySerializer(serializers.Serializer[Any]):
    fingerprint = serializers.CharField(help_text="As OpenSSH prints it: `SHA256:…`")
    key_type = serializers.CharField()


class EnrollInput(StrictSerializer):
    fingerprint = serializers.RegexField(r"^SHA256:[A-Za-z0-9+/]{43}\Z")
