"""Slipway's composition root. Loads the Celery app, so that every process publishes to it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
