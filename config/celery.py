"""The Celery application. Messages are hints that carry a row's id; the row is the job."""

import os

from celery import Celery
from celery.signals import worker_process_init
from kombu.transport import TRANSPORT_ALIASES

from config.core.supervisor import end_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")

TRANSPORT_ALIASES["filesystem"] = "config.core.broker:Transport"

app = Celery("slipway")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def _end_with_worker(**_kwargs: object) -> None:
    """A pool child whose worker was killed would go on alone, as long as its run takes."""
    end_with_parent()
