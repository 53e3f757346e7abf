from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    name = "deployments"

    def ready(self) -> None:
        from approvals.registry import register
        from deployments.subjects import ReleaseSubject

        register("release", ReleaseSubject())
