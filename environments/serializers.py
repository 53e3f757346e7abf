"""Shapes of environments (contract, "Environments")."""

from __future__ import annotations

import ipaddress
import re
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.validators import UniqueTogetherValidator

from approvals.models import Tier
from config.core.api.fields import VisibleField
from config.core.api.views import StrictModelSerializer, StrictSerializer
from config.core.models import Project
from environments.bundles.model import RUNTIMES
from environments.models import (
    CredentialKind,
    Environment,
    EnvironmentNode,
    NodeRole,
    RuntimeType,
    SSHCredential,
)

# A dot or the end after every label: with an optional dot, matching takes exponential time.
_HOST_NAME = re.compile(
    r"(?=.{1,253}\Z)(?:[a-zA-Z0-9_](?:[a-zA-Z0-9_-]{0,61}[a-zA-Z0-9])?(?:\.|\Z))+"
)
_ROLES = {
    RuntimeType.COMPOSE: {NodeRole.COMPOSE},
    RuntimeType.K8S: {NodeRole.CONTROL_PLANE, NodeRole.WORKER, NodeRole.LB},
}


class HealthSerializer(serializers.Serializer[Any]):
    """What is wrong, and since when. `source`: `node:ID`, `vip` or `verify`."""

    source = serializers.CharField()  # type: ignore[assignment]  # the name is right for readers
    code = serializers.CharField()
    message = serializers.CharField()
    since = serializers.DateTimeField()


class EnvironmentSerializer(StrictModelSerializer[Environment]):
    project_id = VisibleField(
        source="project", queryset=Project.objects.all(), permission="environment_read"
    )
    tier = serializers.ChoiceField(choices=Tier.choices)
    health = serializers.SerializerMethodField()
    cluster_id = serializers.IntegerField(read_only=True, allow_null=True)

    class Meta:
        model = Environment
        fields = [
            "id",
            "name",
            "project_id",
            "tier",
            "runtime_type",
            "status",
            "health",
            "cluster_id",
            "created_at",
        ]
        read_only_fields = ["status"]
        validators = [
            UniqueTogetherValidator(
                Environment.objects.all(),
                ("project_id", "name"),
                "The project has one of this name.",
            )
        ]

    @extend_schema_field(HealthSerializer(many=True))
    def get_health(self, environment: Environment) -> list[dict[str, str]]:
        return [{"source": source, **said} for source, said in environment.health.items()]


class EnvironmentPatch(StrictSerializer):
    name = serializers.CharField(max_length=200)


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
        return attrs


class NodeSerializer(StrictModelSerializer[EnvironmentNode]):
    credential_id = VisibleField(
        source="credential",
        queryset=SSHCredential.objects.all(),
        permission="environment_manage",
    )
    # Goes into hooks' variables and file names, which are split at spaces and equals signs.
    name = serializers.RegexField(r"^[a-zA-Z0-9]([a-zA-Z0-9.-]{0,61}[a-zA-Z0-9])?\Z")
    port = serializers.IntegerField(min_value=1, max_value=65_535, default=22)
    user = serializers.RegexField(r"^[a-z_][a-z0-9_-]{0,31}\Z", default="root")
    facts = serializers.DictField(read_only=True)
    enrolled = serializers.SerializerMethodField()

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
            "enrolled",
            "fingerprint",
            "facts",
            "reason_code",
            "checked_at",
        ]
        read_only_fields = ["fingerprint", "reason_code", "checked_at"]

    def get_enrolled(self, node: EnvironmentNode) -> bool:
        return bool(node.host_key)

    def validate_host(self, value: str) -> str:
        """A name or an IP address; nothing that a command line could take for something else."""
        try:
            ipaddress.ip_address(value)
        except ValueError:
            if not _HOST_NAME.fullmatch(value):
                raise serializers.ValidationError("Neither a host name nor an address.") from None
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        environment: Environment = self.context["environment"]
        role = attrs.get("role")
        if role and role not in _ROLES[RuntimeType(environment.runtime_type)]:
            text = f"A {environment.runtime_type} environment has no such role."
            raise serializers.ValidationError({"role": [text]})
        credential = attrs.get("credential")
        if credential and credential.project_id != environment.project_id:
            raise serializers.ValidationError({"credential_id": ["No such credential here."]})
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


class HostKeySerializer(serializers.Serializer[Any]):
    fingerprint = serializers.CharField(help_text="As OpenSSH prints it: `SHA256:…`")
    key_type = serializers.CharField()


class EnrollInput(StrictSerializer):
    fingerprint = serializers.RegexField(r"^SHA256:[A-Za-z0-9+/]{43}\Z")


class PlatformSerializer(serializers.Serializer[Any]):
    os = serializers.CharField()
    release = serializers.CharField()
    arch = serializers.CharField()


class OptionSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    type = serializers.CharField()
    default = serializers.JSONField()


class BundleSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    version = serializers.CharField()
    runtime = serializers.ChoiceField(choices=RUNTIMES)
    platforms = PlatformSerializer(many=True)
    options = OptionSerializer(many=True)
    artifacts = serializers.SerializerMethodField()
    size = serializers.SerializerMethodField(help_text="Of all artifacts, in bytes")

    def get_artifacts(self, bundle: Any) -> int:
        return len(bundle.artifacts)

    def get_size(self, bundle: Any) -> int:
        return sum(artifact.size for artifact in bundle.artifacts)


class ProblemSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    path = serializers.CharField()
    line = serializers.IntegerField()
    message = serializers.CharField()


class VerificationSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    errors = ProblemSerializer(many=True)  # type: ignore[assignment]  # the contract's word
