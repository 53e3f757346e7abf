import { Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";

import type { Release } from "@/api/types";
import { DiffPanel } from "@/components/DiffPanel";
import { TableSkeleton } from "@/components/TableSkeleton";

import classes from "./ReleaseTabs.module.css";
import { readTab, type ReleaseTab } from "./tabs";

const Diagnosis = lazy(() => import("./Diagnosis").then((m) => ({ default: m.Diagnosis })));
const Manifest = lazy(() => import("./Manifest").then((m) => ({ default: m.Manifest })));
const ReleaseLog = lazy(() => import("./ReleaseLog").then((m) => ({ default: m.ReleaseLog })));
const Timeline = lazy(() => import("./Timeline").then((m) => ({ default: m.Timeline })));

const BEFORE_RUN = new Set(["preview", "pending_approval", "approved"]);

export function ReleaseTabs({ release }: { release: Release }) {
  const { tab } = useSearch({ from: "/shell/releases/$releaseId" });
  const navigate = useNavigate({ from: "/releases/$releaseId" });
  const state = release.lifecycle_state;
  const ran = !BEFORE_RUN.has(state);
  const failed = state === "failed" || release.diagnostics_json !== null;
  // Who watched it run keeps the log when it has ended.
  const [watched, setWatched] = useState(false);
  if (state === "applying" && !watched) setWatched(true);
  const shown = tab ?? initialTab(release, watched);

  const select = (value: string | null) =>
    void navigate({ search: (search) => ({ ...search, tab: readTab(value) }), replace: true });

  return (
    <Tabs value={shown} onChange={select} keepMounted={false}>
      <Tabs.List mb="sm" aria-label="Release" className={classes.list}>
        <Tab value="diff">Diff</Tab>
        <Tab value="timeline">Timeline</Tab>
        {ran && <Tab value="log">Log</Tab>}
        {failed && <Tab value="diagnostics">Diagnostics</Tab>}
        <Tab value="manifest">Manifest</Tab>
      </Tabs.List>
      <Suspense fallback={<TableSkeleton rows={4} />}>
        <Tabs.Panel value="diff">
          <DiffPanel diff={release.diff} />
        </Tabs.Panel>
        <Tabs.Panel value="timeline">
          <Timeline release={release} />
        </Tabs.Panel>
        {ran && (
          <Tabs.Panel value="log">
            <ReleaseLog release={release} />
          </Tabs.Panel>
        )}
        {failed && (
          <Tabs.Panel value="diagnostics">
            <Diagnosis release={release} />
          </Tabs.Panel>
        )}
        <Tabs.Panel value="manifest">
          <Manifest text={release.resolved_manifest} />
        </Tabs.Panel>
      </Suspense>
    </Tabs>
  );
}

function initialTab(release: Release, watched: boolean): ReleaseTab {
  if (release.lifecycle_state === "failed" && release.diagnostics_json) return "diagnostics";
  return watched ? "log" : "diff";
}

function Tab({ value, children }: { value: ReleaseTab; children: string }) {
  return <Tabs.Tab value={value}>{children}</Tabs.Tab>;
}
