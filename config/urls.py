"""All of Slipway's addresses: the API below /api/v1, the admin, and the SPA everywhere else."""

from functools import partial

from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.core.api.errors import not_found
from config.core.views import healthz, readyz, spa

handler400 = "config.core.api.errors.bad_request"
handler500 = "config.core.api.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path(
        "api/v1/",
        include(
            [
                path("schema", SpectacularAPIView.as_view(), name="schema"),
                path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
                path("", include("config.core.urls")),
                path("", include("config.notifications.urls")),
                path("approvals/", include("approvals.urls")),
                path("", include("clusters.urls")),
                path("", include("environments.urls")),
                path("deploy/", include("deployments.urls")),
            ]
        ),
    ),
    re_path(r"^api/", not_found),
    path("healthz", healthz),
    path("readyz", readyz),
    path("admin/", admin.site.urls),
    re_path(r"^(?!static/).*$", partial(spa, page=settings.STATIC_ROOT / "index.html")),
]
