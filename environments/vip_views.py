"""A virtual address: the optional task after an environment was created."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from environments import vip
from environments.install_serializers import InstallPreviewSerializer
from environments.install_views import InstallViewSet
from environments.vip_serializers import VipPreviewInput


class VipViewSet(InstallViewSet):
    """`…/lvs-vip/preview` and `…/lvs-vip/apply`, which is that of installs."""

    @extend_schema(request=VipPreviewInput, responses={201: InstallPreviewSerializer})
    def preview(self, request: Request, environment_pk: str) -> Response:
        environment = self.environment()
        made = vip.preview(environment, actor=self.actor, **self.valid(VipPreviewInput))
        return Response(InstallPreviewSerializer(made).data, status=201)
