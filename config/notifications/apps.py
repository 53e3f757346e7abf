from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "config.notifications"
    label = "notifications"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from config.core import timeline
        from config.notifications.models import NotificationEvent
        from config.notifications.outbox import queue

        timeline.subscribe(NotificationEvent.values, queue)
