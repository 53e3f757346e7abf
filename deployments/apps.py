from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    name = "deployments"

    def ready(self) -> None:
        from approvals.registry import register
        from config.notifications import subjects
        from deployments import telling
        from deployments.subjects import ReleaseSubject

        register("release", ReleaseSubject())
        subjects.register("release", telling.release)
