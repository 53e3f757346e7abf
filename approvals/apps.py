from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "approvals"

    def ready(self) -> None:
        from approvals import telling
        from config.notifications.subjects import register

        register("approval", telling.ticket)
        register("project", telling.broken_glass)
