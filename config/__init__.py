"""Slipway's composition root. The Celery app is loaded here so that every process publishes to it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
