"""The story of the demo. Each function is one chapter; all of it goes through the public API."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tests.demo import http
from tests.demo.api import API, APIError, until
from tests.demo.machines import Machine
from tests.demo.terminal import Terminal

BUNDLE = "compose-debian13"
OVER = ("succeeded", "failed", "cancelled", "needs_attention")
MANIFEST = """\
services:
  web:
    image: slipway-demo:${VERSION}
    ports: ["8080:8080"]
    environment:
      MESSAGE: ${MESSAGE:-hello}
    healthcheck:
      test: ["CMD", "wget", "-q", "-O", "/dev/null", "http://127.0.0.1:8080/healthz"]
      interval: 1s
      timeout: 5s
      retries: 6
      start_period: 1s
"""


class Unexpected(Exception):
    """The demo saw something else than it tells."""


@dataclass
class Story:
    """What the chapters hand on to each other."""

    terminal: Terminal
    machines: list[Machine]
    scratch: Path
    admin: API
    logins: dict[str, str] = field(default_factory=dict)
    api: dict[str, API] = field(default_factory=dict)
    project: int = 0
    environment: int = 0
    service: int = 0
    target: int = 0


def run(story: Story) -> None:
    set_up(story)
    install(story)
    service_and_target(story)
    release(story, revision=1, expect="version 1")
    second = release(story, revision=2, expect="version 2")
    roll_back(story, second, expect="version 1")
    broken_release(story)
    timeline(story)


def set_up(story: Story) -> None:
    say, admin = story.terminal, story.admin
    say.chapter("Project, people and hosts")
    story.project = admin.post("/projects", name="Shop", slug="shop")["id"]
    # The engineer may review too, to see that what one's own bot asks for stays out of reach.
    engineer = _person(story, "engineer", "engineer", "approver")
    _person(story, "approver", "approver")
    bot = admin.post("/users", username="release-bot", is_bot=True, owner_id=engineer)["id"]
    _give_roles(story, bot, "bot", "release_bot")
    say.done("an engineer, an approver, and a release bot that the engineer owns")
    story.environment = admin.post(
        "/environments",
        name="production",
        project_id=story.project,
        tier="production",
        runtime_type="compose",
    )["id"]
    credential = admin.post(
        "/environments/credentials",
        name="hosts",
        project_id=story.project,
        kind="private_key",
        private_key=story.machines[0].key_path.read_text(),
    )["id"]
    for machine in story.machines:
        _enrol(story, machine, credential)


def _person(story: Story, name: str, *roles: str) -> int:
    story.logins[name] = secrets.token_hex(8)
    user: int = story.admin.post("/users", username=name, password=story.logins[name])["id"]
    _give_roles(story, user, name, *roles)
    return user


def _give_roles(story: Story, user: int, name: str, *roles: str) -> None:
    admin = story.admin
    for role in roles:
        admin.post(f"/projects/{story.project}/roles", role=role, user_id=user)
    token = admin.post("/auth/tokens", name="demo", user_id=user)["token"]
    story.api[name] = admin.as_holder_of(token)


def _enrol(story: Story, machine: Machine, credential: int) -> None:
    admin, base = story.admin, f"/environments/{story.environment}/nodes"
    node = admin.post(
        base,
        name=machine.name,
        host=machine.address,
        port=machine.port,
        user=machine.user,
        role="compose",
        credential_id=credential,
    )["id"]
    found = admin.post(f"{base}/{node}/scan")["fingerprint"]
    if machine.fingerprint and found != machine.fingerprint:
        raise Unexpected(f"{machine.name} answers with {found}, not {machine.fingerprint}")
    admin.post(f"{base}/{node}/enroll", fingerprint=found)
    facts = admin.post(f"{base}/{node}/check")["facts"]
    story.terminal.done(
        f"{machine.name} enrolled ({found[:19]}…): {facts['os']} {facts['release']}, "
        f"{facts['cpus']} CPUs, {facts['memory_mb']} MB, as {facts['privilege']}"
    )


def install(story: Story) -> None:
    say, engineer = story.terminal, story.api["engineer"]
    say.chapter("Docker Engine and Compose, from an offline bundle")
    version = next(
        b["version"] for b in engineer.get("/environments/bundles") if b["name"] == BUNDLE
    )
    base = f"/environments/{story.environment}/install"
    preview = engineer.post(f"{base}/preview", bundle=BUNDLE, version=version)
    plan = preview["plan"]
    megabytes = sum(artifact["size"] for artifact in plan["artifacts"]) / 1e6
    say.done(
        f"previewed: {len(plan['steps'])} steps, {len(plan['artifacts'])} artifacts verified "
        f"({megabytes:.0f} MB), risk {preview['risk']['level']}"
    )
    task = engineer.post(f"{base}/apply", preview_ref=preview["preview_ref"])
    say.done(f"applied by the engineer: {task['status']}, {task['approval_ticket']}")
    _approve(story, task["approval_ticket"])
    _follow_install(story, f"{base}/tasks/{task['id']}")


def _follow_install(story: Story, path: str) -> None:
    say, api = story.terminal, story.api["engineer"]
    seen: dict[int, int] = {}
    told: set[int] = set()

    def look() -> Any:
        task = api.get(path)
        for step in task["steps"]:
            offset = seen.get(step["id"], 0)
            if step["log_bytes"] > offset and step["id"] not in told:
                page = api.get(f"{path}/logs?step={step['id']}&after={offset}")
                seen[step["id"]] = page["next_offset"]
                say.log(f"{step['node']['name']} {step['hook']:<9}", page["text"])
            if step["status"] in ("succeeded", "failed") and step["id"] not in told:
                told.add(step["id"])
                mark = say.done if step["status"] == "succeeded" else say.refused
                what = f"{step['hook']} on {step['node']['name']}"
                mark(f"{what} {step['status']}, {step['duration_ms']} ms")
        return task

    task = until(look, lambda task: task["status"] in OVER, seconds=900, every=0.5)
    if task["status"] != "succeeded":
        raise Unexpected(f"the install {task['status']}: {task['reason_code']}")
    environment = api.get(f"/environments/{story.environment}")
    say.done(f"the environment is {environment['status']}")


def service_and_target(story: Story) -> None:
    say, engineer = story.terminal, story.api["engineer"]
    say.chapter("A service with two revisions, and a target in production")
    for machine in story.machines:
        for version in (1, 2, 3):
            machine.load_image(version, story.scratch)
    say.done("the application's images are on the hosts (in place of a registry)")
    story.service = engineer.post(
        "/deploy/services", name="web", project_id=story.project, runtime_type="compose"
    )["id"]
    for version in (1, 2):
        _revision(story, version)
    story.target = story.admin.post(
        "/deploy/targets",
        name="shop-production",
        project_id=story.project,
        runtime_type="compose",
        environment_id=story.environment,
    )["id"]
    say.done("service web with revisions 1 and 2, target shop-production")


def _revision(story: Story, version: int) -> None:
    story.api["engineer"].post(
        f"/deploy/services/{story.service}/revisions",
        manifest=MANIFEST,
        variables={"VERSION": {"default": str(version)}},
        note=f"version {version}",
    )


def release(story: Story, *, revision: int, expect: str) -> int:
    """Previewed and applied by the bot, refused to those who asked, approved in the inbox."""
    say, bot = story.terminal, story.api["bot"]
    say.chapter(f"Release of revision {revision}, by the bot")
    pinned = _preview(story, revision)
    applied = bot.post("/deploy/releases/apply", preview_ref=pinned["preview_ref"])
    ticket = applied["approval_ticket"]
    _expect("lifecycle_state", applied["lifecycle_state"], "pending_approval")
    say.done(f"applied by the bot: pending_approval, {ticket}")
    for who, code in (("bot", "permission_denied"), ("engineer", "approval_self_review")):
        _refused(story, who, ticket, code)
    _approve(story, ticket)
    done = _applied(story, pinned["id"])
    _answers(story, expect)
    say.done(f"applied in {done['duration_ms']} ms; every host answers “{expect}”")
    return int(done["id"])


def roll_back(story: Story, undone: int, *, expect: str) -> None:
    say, bot = story.terminal, story.api["bot"]
    say.chapter("Rollback, by digest")
    made = bot.post(f"/deploy/releases/{undone}/rollback", reason="version 2 is not wanted")
    digest = made["images"][0]["digest"]
    say.done(f"release {made['id']} brings back {digest[:23]}…, {made['approval_ticket']}")
    _approve(story, made["approval_ticket"])
    _applied(story, made["id"])
    before = bot.get(f"/deploy/releases/{undone}")
    _expect("lifecycle_state", before["lifecycle_state"], "rollback")
    _answers(story, expect)
    say.done(f"applied; release {undone} is in state rollback; every host answers “{expect}”")


def broken_release(story: Story) -> None:
    say, bot = story.terminal, story.api["bot"]
    say.chapter("A revision whose health check never passes")
    _revision(story, 3)
    pinned = _preview(story, 3)
    applied = bot.post("/deploy/releases/apply", preview_ref=pinned["preview_ref"])
    with http.Watcher(story.machines) as watcher:
        _approve(story, applied["approval_ticket"])
        done = _wait(story, pinned["id"])
    _expect("lifecycle_state", done["lifecycle_state"], "failed")
    found = bot.get(f"/deploy/releases/{pinned['id']}/diagnostics")
    say.done(f"failed, as it should, {done['reason_code']}: {found['summary']['message']}")
    say.done(f"diagnosed: {found['summary']['code']} - {found['summary']['hint']}")
    worst = found["resources"][0]
    say.log(f"{worst['node']} {worst['name']}", "\n".join([worst["status"], *worst["events"][-1:]]))
    wrong = [answer for answer in watcher.answers if answer != "version 1"]
    if wrong or not watcher.answers:
        raise Unexpected(
            f"{len(wrong)} of {len(watcher.answers)} answers were not version 1: {wrong[:3]}"
        )
    say.done(f"version 1 went on serving: {len(watcher.answers)} requests, none failed")


def timeline(story: Story) -> None:
    say = story.terminal
    say.chapter("What happened: the timeline")
    for event in reversed(story.admin.all(f"/events?project={story.project}&limit=200")):
        if event["action"].startswith("environment.install_step"):
            continue
        when = event["occurred_at"][11:19]
        what = f"{event['resource_type']} {event['resource_id']}"
        say.plain(f"   {when}  {event['action']:<30} {what:<24} {event['actor']}")


def _preview(story: Story, revision: int) -> Any:
    bot = story.api["bot"]
    revisions = bot.get(f"/deploy/services/{story.service}/revisions")["results"]
    wanted = next(row["id"] for row in revisions if row["number"] == revision)
    pinned = bot.post(
        "/deploy/releases/preview",
        service_id=story.service,
        target_id=story.target,
        revision_id=wanted,
    )
    counts = ", ".join(f"{n} {verb}" for verb, n in pinned["diff"]["summary"].items() if n)
    risk = pinned["risk"]
    story.terminal.done(f"previewed: {counts}; risk {risk['level']}: {'; '.join(risk['reasons'])}")
    return pinned


def _refused(story: Story, who: str, ticket: str, code: str) -> None:
    try:
        story.api[who].post(f"/approvals/inbox/{ticket}/approve")
    except APIError as error:
        _expect("code", error.code, code)
        story.terminal.done(f"refused to the {who}, who can't approve it: {error.code}")
        return
    raise Unexpected(f"the {who} approved its own change")


def _approve(story: Story, ticket: str) -> None:
    item = story.api["approver"].post(f"/approvals/inbox/{ticket}/approve", comment="fine")
    _expect("status", item["status"], "approved")
    story.terminal.done(f"{ticket} approved by the approver in the inbox")


def _wait(story: Story, release_id: int) -> Any:
    say, api = story.terminal, story.api["bot"]
    phases: list[str] = []

    def look() -> Any:
        found = api.get(f"/deploy/releases/{release_id}")
        phase = found["progress"].get("phase", "")
        if phase and phase not in phases:
            phases.append(phase)
            say.log("progress", f"{found['lifecycle_state']}: {found['progress']['message']}")
        return found

    return until(look, lambda found: found["lifecycle_state"] in ("applied", "failed"), seconds=300)


def _applied(story: Story, release_id: int) -> Any:
    """The release, applied; when it failed, what it printed is shown first."""
    done = _wait(story, release_id)
    if done["lifecycle_state"] != "applied":
        page = story.api["bot"].get(f"/deploy/releases/{release_id}/logs?tail=4000")
        story.terminal.log(done["reason_code"], page["text"])
        raise Unexpected(
            f"release {release_id} is {done['lifecycle_state']}: {done['reason_code']}"
        )
    return done


def _answers(story: Story, expect: str) -> None:
    for machine in story.machines:
        until(partial(http.answer, machine), lambda text: text == expect, seconds=10)


def _expect(name: str, found: object, expected: object) -> None:
    if found != expected:
        raise Unexpected(f"{name} is {found}, not {expected}")
