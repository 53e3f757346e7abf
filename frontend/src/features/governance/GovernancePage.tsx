import { Tabs } from "@mantine/core";
import { Outlet, useLocation, useNavigate } from "@tanstack/react-router";

import { PageHeader } from "@/components/PageHeader";

import { useRights } from "./rights";

const TABS = {
  "/governance": "Policies",
  "/governance/freezes": "Freezes",
  "/governance/notifications": "Notifications",
} as const;

type Tab = keyof typeof TABS;

const isTab = (value: string | null): value is Tab => value !== null && value in TABS;

/** The rules of deciding; each tab is a page of its own. */
export function GovernancePage() {
  const { pathname } = useLocation();
  const navigate = useNavigate();
  const { managed } = useRights();
  const path = pathname.replace(/\/$/, "");
  const current = isTab(path) ? path : "/governance";
  const shown = Object.entries(TABS).filter(
    ([to]) => to !== "/governance/notifications" || managed.length > 0 || to === current,
  );
  return (
    <>
      <PageHeader
        title="Governance"
        subtitle="Who has to agree to a change, when nothing may change, and who hears of it"
      />
      <Tabs
        value={current}
        onChange={(to) => {
          if (isTab(to)) void navigate({ to });
        }}
      >
        <Tabs.List mb="md" aria-label="Governance">
          {shown.map(([to, label]) => (
            <Tabs.Tab key={to} value={to}>
              {label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={current}>
          <Outlet />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}
