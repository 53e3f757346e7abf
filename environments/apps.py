from django.apps import AppConfig


class EnvironmentsConfig(AppConfig):
    name = "environments"

    def ready(self) -> None:
        from approvals.registry import register
        from config.notifications import subjects
        from environments import telling
        from environments.subjects import InstallSubject

        register("environment_install", InstallSubject())
        subjects.register("environment_install", telling.install)
