"""An organisation of a hundred projects, and as many tickets of it as are wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db import connection

from approvals.models import ApprovalInboxItem
from approvals.words import words_of
from config.core.models import Project, User
from deployments.models import DeploymentTarget
from tests.factories.core import (
    AdminFactory,
    ProjectFactory,
    TeamFactory,
    UserFactory,
    grant,
    member,
)
from tests.factories.environments import EnvironmentFactory

PROJECTS: Final = 100
PEOPLE: Final = 200
TIERS: Final = ("development", "staging", "production")
TARGETS: Final = 2  # in each environment

# The first projects and people are the busiest; 1 % is pending, few are assigned or critical.
ITEMS: Final = """
INSERT INTO approval_inbox_items (
    subject_type, subject_id, action, tier, title, project_id, team_id, environment_id, target_id,
    risk, priority, status, requested_by_id, source, assigned_to_id, required_approvals,
    approvals_count, auto_apply, freeze_override, broke_glass, reason_code, legacy_reference,
    content_hash, correlation_id, expires_at, created_at, decided_at)
SELECT
    CASE WHEN action = 'install' THEN 'environment_install' ELSE 'release' END, n, action, tier,
    CASE action
        WHEN 'install' THEN
            format('Install compose-debian13 1.%%s on environment-%%s', n %% 40, env)
        WHEN 'rollback' THEN
            format('Roll back service-%%s to r%%s on target-%%s', n %% 500, n %% 90, target)
        ELSE format('Release service-%%s r%%s on target-%%s', n %% 500, n %% 90, target) END
    || CASE WHEN n <= 5 THEN ' after the aardvark' ELSE '' END,
    first_project + project, first_team + project, env,
    CASE WHEN action = 'install' THEN NULL ELSE target END,
    risk, priority, status, first_person + person, source,
    CASE WHEN status = 'pending' AND d < 0.2 THEN first_person + (n %% 200) END, 1 + n %% 2,
    CASE WHEN status = 'approved' THEN 1 + n %% 2 ELSE 0 END, TRUE, '', c > 0.999, '', '',
    md5(n::text) || md5((-n)::text), gen_random_uuid(),
    now() + CASE WHEN status = 'pending' THEN 1 ELSE -1 END * interval '1 day',
    now() - (last - n) * interval '1 minute',
    CASE WHEN status <> 'pending' THEN now() - (last - n) * interval '1 minute' END
FROM (
    SELECT n, c, d, project, person,
        (ARRAY['development', 'staging', 'production'])[1 + place] AS tier,
        first_environment + project * 3 + place AS env,
        first_target + (project * 3 + place) * 2 + n %% 2 AS target,
        CASE WHEN a < 0.8 THEN 'apply' WHEN a < 0.9 THEN 'rollback' ELSE 'install' END AS action,
        CASE WHEN b < 0.5 THEN 'low' WHEN b < 0.8 THEN 'medium' WHEN b < 0.98 THEN 'high'
            ELSE 'critical' END AS risk,
        CASE WHEN c < 0.01 THEN 'P0' WHEN c < 0.1 THEN 'P1' WHEN c < 0.8 THEN 'P2'
            ELSE 'P3' END AS priority,
        CASE WHEN e < 0.01 THEN 'pending' WHEN e < 0.85 THEN 'approved'
            WHEN e < 0.92 THEN 'rejected' WHEN e < 0.97 THEN 'expired'
            ELSE 'cancelled' END AS status,
        CASE WHEN d < 0.6 THEN 'ui' WHEN d < 0.95 THEN 'api' ELSE 'ai' END AS source
    FROM (
        SELECT n, floor(100 * power(random(), 1.5))::int AS project,
            floor(200 * power(random(), 1.5))::int AS person, floor(3 * random())::int AS place,
            random() AS a, random() AS b, random() AS c, random() AS d, random() AS e
        FROM generate_series({first}, {last}) AS n
    ) AS dice, (SELECT {project} AS first_project, {team} AS first_team,
        {environment} AS first_environment, {target} AS first_target, {person} AS first_person
    ) AS ids_of
) AS drawn, (SELECT {last} AS last, {project} AS first_project, {team} AS first_team,
    {person} AS first_person) AS ids
"""
EXCLUDED: Final = """
INSERT INTO approval_inbox_items_excluded (approvalinboxitem_id, user_id)
SELECT id, requested_by_id FROM approval_inbox_items WHERE id >= {first}
UNION SELECT id, {person} + id %% 200 FROM approval_inbox_items WHERE id >= {first} AND id %% 3 = 0
"""
ACTIONS: Final = """
INSERT INTO approval_inbox_actions (item_id, actor_id, verb, comment, created_at)
SELECT id, requested_by_id, 'created', '', created_at FROM approval_inbox_items WHERE id >= {first}
UNION ALL
SELECT id, {person} + id %% 200, 'approved', '', created_at FROM approval_inbox_items
WHERE id >= {first} AND (status = 'approved' OR status = 'pending' AND required_approvals = 2)
"""
# As `approvals.words` takes these titles apart: each part holds one sign at most.
PARTS: Final = """
CREATE TEMP TABLE parts AS
SELECT DISTINCT word, item.id FROM approval_inbox_items item,
    string_to_table(lower(item.title), ' ') AS part,
    unnest(ARRAY[part, substring(part FROM '[-.](.*)')]) AS word
WHERE item.id >= {first} AND word IS NOT NULL
"""
WORDS: Final = """
INSERT INTO approval_inbox_words (text) SELECT DISTINCT word FROM parts ON CONFLICT DO NOTHING
"""
ITEM_WORDS: Final = """
INSERT INTO approval_inbox_item_words (word_id, item_id)
SELECT word.id, parts.id FROM parts JOIN approval_inbox_words word ON word.text = parts.word
ORDER BY parts.id
"""
FORGET: Final = "DROP TABLE parts"
STATEMENTS: Final = (ITEMS, EXCLUDED, ACTIONS, PARTS, WORDS, ITEM_WORDS, FORGET)
INDEXES: Final = """
SELECT indexname, indexdef FROM pg_indexes
WHERE tablename LIKE 'approval_inbox_%' AND indexdef NOT LIKE 'CREATE UNIQUE%'
"""


@dataclass(frozen=True)
class World:
    """Who calls, and what they filter by. `first`: the lowest ids of the parts of the rows."""

    callers: dict[str, User]
    first: dict[str, int]

    def grow(self, rows: int) -> None:
        """Tickets until there are `rows` of them; the database connected to now."""
        there = ApprovalInboxItem.objects.count()
        ids = self.first | {"first": there + 1, "last": rows}
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # no look at foreign keys
            cursor.execute("SELECT setseed(0.42)")
            cursor.execute(INDEXES)
            indexes = cursor.fetchall()  # faster made anew than kept
            for name, _ in indexes:
                cursor.execute(f"DROP INDEX {name}")
            for statement in STATEMENTS:
                cursor.execute(statement.format(**ids), [])
            for _, definition in indexes:
                cursor.execute(definition)
            cursor.execute("RESET session_replication_role")
            cursor.execute("VACUUM (ANALYZE)")
        for item in ApprovalInboxItem.objects.order_by("pk")[:100]:
            assert {row.word.text for row in item.words.select_related("word")} == words_of(
                item.title
            )


def build() -> World:
    """In an empty database: projects with a team, environments and targets each; people; callers
    with an approver's role on one project through a team, on thirty, on one environment, on
    nothing, and a platform admin."""
    teams = [TeamFactory.make(name=f"Team {n}") for n in range(PROJECTS)]
    projects = [ProjectFactory.make(name=f"Project {n}", team=teams[n]) for n in range(PROJECTS)]
    environments = [
        EnvironmentFactory.make(project=project, name=f"{tier}-{project.pk}", tier=tier)
        for project in projects
        for tier in TIERS
    ]
    targets = DeploymentTarget.objects.bulk_create(
        DeploymentTarget(
            project=environment.project,
            environment=environment,
            name=f"target-{environment.pk}-{n}",
            runtime_type="compose",
        )
        for environment in environments
        for n in range(TARGETS)
    )
    people = [UserFactory.make(username=f"person-{n}") for n in range(PEOPLE)]
    callers = {
        "one project": _through_a_team(projects[50]),
        "thirty projects": UserFactory.make(),
        "one environment": member(environments[182], "approver"),
        "admin": AdminFactory.make(),
        "nothing": UserFactory.make(),
    }
    for project in projects[3::3][:30]:
        grant(callers["thirty projects"], "approver", project)
    first = {
        "project": projects[0].pk,
        "team": teams[0].pk,
        "environment": environments[0].pk,
        "target": targets[0].pk,
        "person": people[0].pk,
    }
    return World(callers, first)


def _through_a_team(project: Project) -> User:
    user, team = UserFactory.make(), TeamFactory.make()
    user.groups.add(team)
    grant(team, "approver", project)
    return user
