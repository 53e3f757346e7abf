from django.apps import AppConfig


class EnvironmentsConfig(AppConfig):
    name = "environments"

    def ready(self) -> None:
        from approvals.registry import register
        from environments.subjects import InstallSubject

        register("environment_install", InstallSubject())
