"""Mail and chat through apprise, held to the services and options listed here."""

from __future__ import annotations

import smtplib
from importlib import import_module
from typing import Any, Final

import requests.sessions
from apprise import AppriseAsset, NotifyFormat

from .failure import Undelivered, forbidden, of_status
from .guard import Guard
from .http import Session, unanswered
from .message import Message

# {schema: options}. Not apprise's generic requests, programs, files, desktops and syslog, which
# would make other things of Slipway than a sender; nor options that read files (`template`,
# `pgppub`), fetch from elsewhere (`attach`, `image`), follow redirects or skip certificates.
_MAIL: Final = "from name smtp mode reply to cc bcc"
_SERVICES: Final = {
    "mailto": _MAIL,
    "mailtos": _MAIL,
    "slack": "to mode token footer timestamp",
    "workflow": "id route routeid sig ver api-version pa powerautomate wrap",
    "workflows": "id route routeid sig ver api-version pa powerautomate wrap",
    "discord": "thread footer flags ping",
    "gchat": "workspace key token thread",
    "webex": "token mode to",
    "zulip": "to token",
    "tgram": "to topic thread silent preview mdv",
    "mmost": "channel channels team botname mode to",
    "mmosts": "channel channels team botname mode to",
    "rocket": "mode to webhook",
    "rockets": "mode to webhook",
    "gotify": "priority",
    "gotifys": "priority",
    "ntfy": "priority xtags mode token auth to delay email",
    "ntfys": "priority xtags mode token auth to delay email",
    "matrix": "mode path version msgtype token to",
    "matrixs": "mode path version msgtype token to",
    "pagerduty": "group class region severity dedup",
    "opsgenie": "region priority entity alias tags to",
    "pover": "priority sound to interval expire",
}
# {schema without its s: (module, class)}. One by one: apprise's own way is to load all it has.
_CLASSES: Final = {
    "mailto": ("email", "NotifyEmail"),
    "slack": ("slack", "NotifySlack"),
    "workflow": ("workflows", "NotifyWorkflows"),
    "discord": ("discord", "NotifyDiscord"),
    "gchat": ("google_chat", "NotifyGoogleChat"),
    "webex": ("webexteams", "NotifyWebexTeams"),
    "zulip": ("zulip", "NotifyZulip"),
    "tgram": ("telegram", "NotifyTelegram"),
    "mmost": ("mattermost", "NotifyMattermost"),
    "rocket": ("rocketchat", "NotifyRocketChat"),
    "gotify": ("gotify", "NotifyGotify"),
    "ntfy": ("ntfy", "NotifyNtfy"),
    "matrix": ("matrix", "NotifyMatrix"),
    "pagerduty": ("pagerduty", "NotifyPagerDuty"),
    "opsgenie": ("opsgenie", "NotifyOpsgenie"),
    "pover": ("pushover", "NotifyPushover"),
}
OPTIONS: Final = {schema: frozenset(names.split()) for schema, names in _SERVICES.items()}
# Elsewhere what looks like a host may be a token.
_HOST_IS_A_HOST: Final = ("mmost", "mmosts", "rocket", "rockets", "gotify", "gotifys", "workflows")
_TIMEOUT: Final = 10  # seconds


class AppriseService:
    """One service of apprise's, from its URL. Raises Undelivered for what is not allowed here."""

    def __init__(self, url: str, guard: Guard) -> None:
        self._guard = guard
        self._schema = url.partition("://")[0].lower()
        if "://" not in url or self._schema not in OPTIONS:
            raise Undelivered(f"The services are: {', '.join(OPTIONS)}.", retry=False)
        self._service = self._load(url)

    def _load(self, url: str) -> Any:
        kind = _CLASSES.get(self._schema) or _CLASSES[self._schema.removesuffix("s")]
        service_class = getattr(import_module(f"apprise.plugins.{kind[0]}"), kind[1])
        wrong = Undelivered(f"This is not a URL of {self._schema}.", retry=False)
        parsed = service_class.parse_url(url)
        if not parsed:
            raise wrong
        if set(parsed["qsd"]) - OPTIONS[self._schema]:
            allowed = ", ".join(sorted(OPTIONS[self._schema]))
            text = f"The options of {self._schema} are: {allowed}."
            raise Undelivered(text, retry=False)
        if self._schema.startswith("matrix"):
            parsed["e2ee"] = False  # keys would have to be kept from one courier to the next
        try:
            service = service_class(**parsed, asset=_asset())
        except Exception:  # whatever a service has against its URL: its words may hold parts of it
            raise wrong from None
        service.socket_connect_timeout = service.socket_read_timeout = _TIMEOUT
        service.request_rate_per_sec = 0
        return service

    def address(self) -> str:
        """What of the URL may be seen: the service, and the host where it is no secret."""
        host = self._host()
        if host:
            self._guard.require_host(host)
        return f"{self._schema} {host}".strip()

    def _host(self) -> str:
        service = self._service
        if self._schema.startswith("mailto"):
            return str(service.smtp_host)
        hosted = self._schema.startswith("ntfy") and service.mode == "private"
        return str(service.host) if hosted or self._schema in _HOST_IS_A_HOST else ""

    def send(self, message: Message) -> None:
        """Raises Undelivered."""
        requests.sessions.Session = Session  # type: ignore[misc]  # what apprise's calls make
        replies = _noting_replies()
        try:
            sent = self._service.notify(
                body=message.text, title=message.title, body_format=NotifyFormat.TEXT
            )
        except Exception as error:  # whatever a service's code does: its words may hold the URL
            raise unanswered(error, self._guard) from None
        if not sent:
            raise self._why(replies)

    def _why(self, replies: list[int]) -> Undelivered:
        if self._guard.refused and not self._guard.passed:
            return forbidden()
        refused = [answer for answer in Session.answers if not 200 <= answer[0] < 300]
        if refused:
            return of_status(*refused[-1])
        if replies:
            text = f"The mail server answered {replies[-1]}."
            return Undelivered(text, retry=replies[-1] < 500)
        if Session.answers:
            return Undelivered("The receiver did not take the message.", retry=True)
        return unanswered(None, self._guard)


def _asset() -> AppriseAsset:
    return AppriseAsset(
        app_id="Slipway",
        app_desc="Slipway",
        app_url="",
        image_url_mask="",
        image_url_logo="",
        async_mode=False,
        http_redirects=False,
        storage_mode="memory",
        allow_templates=False,
    )


def _noting_replies() -> list[int]:
    """Refusals of mail servers, of the whole process, as they come: apprise tells only that."""
    refusals: list[int] = []
    getreply = smtplib.SMTP.getreply

    def noting(server: smtplib.SMTP) -> tuple[int, bytes]:
        reply = getreply(server)
        if reply[0] >= 400:
            refusals.append(reply[0])
        return reply

    smtplib.SMTP.getreply = noting  # type: ignore[method-assign,assignment]
    return refusals
