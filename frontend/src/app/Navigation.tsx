import { Badge, NavLink, Stack } from "@mantine/core";
import { Link, useLocation } from "@tanstack/react-router";
import type { ReactNode } from "react";

import {
  ChartIcon,
  ClusterIcon,
  InboxIcon,
  RocketIcon,
  ServerIcon,
  ShieldIcon,
  TargetIcon,
} from "@/components/icons";
import { useInboxSummary } from "@/features/inbox/queries";

interface Item {
  to:
    | "/releases"
    | "/inbox"
    | "/metrics"
    | "/targets"
    | "/environments"
    | "/clusters"
    | "/governance";
  label: string;
  icon: ReactNode;
}

const ITEMS: Item[] = [
  { to: "/releases", label: "Releases", icon: <RocketIcon size={18} /> },
  { to: "/inbox", label: "Inbox", icon: <InboxIcon size={18} /> },
  { to: "/metrics", label: "Metrics", icon: <ChartIcon size={18} /> },
  { to: "/targets", label: "Targets", icon: <TargetIcon size={18} /> },
  { to: "/environments", label: "Environments", icon: <ServerIcon size={18} /> },
  { to: "/clusters", label: "Clusters", icon: <ClusterIcon size={18} /> },
  { to: "/governance", label: "Governance", icon: <ShieldIcon size={18} /> },
];

export function Navigation({ onNavigate }: { onNavigate: () => void }) {
  const { pathname } = useLocation();
  const pending = useInboxSummary()?.status.pending ?? 0;
  return (
    <Stack gap={2}>
      {ITEMS.map(({ to, label, icon }) => (
        <NavLink
          key={to}
          component={Link}
          to={to}
          label={label}
          leftSection={icon}
          active={pathname.startsWith(to)}
          onClick={onNavigate}
          rightSection={
            to === "/inbox" && pending > 0 ? (
              <Badge
                size="sm"
                circle={pending < 10}
                color="orange.8"
                aria-label={`${pending} pending`}
              >
                {pending}
              </Badge>
            ) : undefined
          }
        />
      ))}
    </Stack>
  );
}
