"""Shapes of clusters (contract, "Clusters"). Credentials go in, and none comes out."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from clusters.credentials import MAX_NAME, MAX_SERVER
from clusters.kubeconfig import MAX_BYTES
from clusters.models import Cluster
from config.core.api.fields import VisibleField
from config.core.api.views import StrictSerializer
from config.core.models import Project

_MAX_PEM: Final = 65_536
_PARTS: Final[tuple[str, ...]] = (
    "endpoint",
    "ca_cert",
    "tls_server_name",
    "client_cert",
    "client_key",
    "token",
)


class ClusterSerializer(serializers.ModelSerializer[Cluster]):
    project_id = serializers.IntegerField(read_only=True)

    class Meta:
        model = Cluster
        fields = [
            "id",
            "name",
            "project_id",
            "source",
            "endpoint",
            "version",
            "status",
            "reason_code",
            "auth_method",
            "expires_at",
            "last_checked_at",
            "created_at",
        ]
        read_only_fields = fields


class ClusterPatch(StrictSerializer):
    name = serializers.CharField(max_length=63)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        cluster: Cluster = self.context["cluster"]
        _refuse_taken(cluster.project, attrs["name"], besides=cluster)
        return attrs


class ClusterCredentialInput(StrictSerializer):
    """A kubeconfig, or its parts one by one. PEM where certificates and keys are meant."""

    kubeconfig = serializers.CharField(
        required=False, max_length=MAX_BYTES, trim_whitespace=False, help_text="YAML or JSON"
    )
    context = serializers.CharField(  # type: ignore[assignment]  # the contract's word
        required=False, max_length=MAX_NAME, help_text="Of the kubeconfig; else its current one"
    )
    endpoint = serializers.CharField(
        required=False, max_length=MAX_SERVER, help_text="`https://…` of the Kubernetes API"
    )
    ca_cert = serializers.CharField(required=False, max_length=_MAX_PEM, allow_blank=True)
    tls_server_name = serializers.CharField(required=False, max_length=MAX_NAME, allow_blank=True)
    client_cert = serializers.CharField(required=False, max_length=_MAX_PEM)
    client_key = serializers.CharField(required=False, max_length=_MAX_PEM)
    token = serializers.CharField(required=False, max_length=_MAX_PEM)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "kubeconfig" in attrs:
            text = "The kubeconfig has this; send one or the other."
            doubled: dict[str, list[str]] = {part: [text] for part in _PARTS if part in attrs}
        elif "context" in attrs:
            doubled = {"context": ["There is no kubeconfig for it to be in."]}
        elif "token" in attrs and {"client_cert", "client_key"} & set(attrs):
            doubled = {"token": ["Send a client certificate or a token."]}
        else:
            doubled = {}
        if doubled:
            raise serializers.ValidationError({**doubled})
        return attrs


class ClusterImportInput(ClusterCredentialInput):
    name = serializers.CharField(max_length=63)
    project_id = VisibleField(
        source="project", queryset=Project.objects.all(), permission="cluster_read"
    )
    verify = serializers.BooleanField(
        default=True, help_text="false: stored without asking the cluster"
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if "kubeconfig" not in attrs and "endpoint" not in attrs:
            text = "Send a kubeconfig, or an endpoint with what signs in there."
            raise serializers.ValidationError({"kubeconfig": [text]})
        _refuse_taken(attrs["project"], attrs["name"])
        return attrs


class ClusterPermissionSerializer(serializers.Serializer[Any]):
    verbs = serializers.ListField(child=serializers.CharField())
    groups = serializers.ListField(child=serializers.CharField())
    resources = serializers.ListField(child=serializers.CharField())
    names = serializers.ListField(child=serializers.CharField(), help_text="Empty: all")


class CheckedSerializer(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    version = serializers.CharField()
    latency_ms = serializers.IntegerField(allow_null=True)
    nodes = serializers.IntegerField(
        allow_null=True, help_text="null where the credential may not list them"
    )
    permissions = ClusterPermissionSerializer(many=True, help_text="In the namespace `default`")
    reason_code = serializers.CharField()
    hint = serializers.CharField()


class NamespaceSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    status = serializers.CharField()
    created_at = serializers.CharField()


class WorkloadSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    namespace = serializers.CharField()
    name = serializers.CharField()
    wanted = serializers.IntegerField(allow_null=True)
    ready = serializers.IntegerField(allow_null=True)
    images = serializers.ListField(child=serializers.CharField())
    created_at = serializers.CharField()


def _refuse_taken(project: Project, name: str, besides: Cluster | None = None) -> None:
    taken = Cluster.objects.filter(project=project, name=name)
    if besides:
        taken = taken.exclude(pk=besides.pk)
    if taken.exists():
        raise serializers.ValidationError({"name": ["The project has one of this name."]})
