import type { FreezeWindow, FreezeWindowRequest, WeeklyWindow } from "@/api/types";
import { fromLocalInput, toLocalInput, viewerZone } from "@/lib/localTime";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

type Day = (typeof DAYS)[number];

const DAY_LABELS: Record<Day, string> = {
  mon: "Mon",
  tue: "Tue",
  wed: "Wed",
  thu: "Thu",
  fri: "Fri",
  sat: "Sat",
  sun: "Sun",
};

export const dayLabel = (day: Day): string => DAY_LABELS[day];

/** What the form for a freeze holds; moments as fields hold them. */
export interface FreezeFields {
  projectId: number | null | undefined;
  tier: FreezeWindow["tier"];
  reason: string;
  kind: "once" | "weekly";
  startsAt: string;
  endsAt: string;
  weekly: WeeklyWindow[];
  enabled: boolean;
}

/** From Friday evening to the next morning, where the viewer is: something to change. */
export const newWindow = (): WeeklyWindow => ({
  days: ["fri"],
  start: "18:00",
  end: "08:00",
  time_zone: viewerZone(),
});

/** Of a freeze; of none, what a new one begins with. */
export function freezeFields(
  freeze: FreezeWindow | null,
  projectId: number | undefined,
): FreezeFields {
  const weekly = freeze?.weekly ?? [];
  return {
    projectId: freeze ? (freeze.project_id ?? null) : projectId,
    tier: freeze?.tier ?? "production",
    reason: freeze?.reason ?? "",
    kind: weekly.length > 0 ? "weekly" : "once",
    startsAt: freeze?.starts_at ? toLocalInput(freeze.starts_at) : "",
    endsAt: freeze?.ends_at ? toLocalInput(freeze.ends_at) : "",
    weekly: weekly.length > 0 ? weekly : [newWindow()],
    enabled: freeze?.enabled ?? true,
  };
}

/** A freeze is either from one moment to another or weekly; what the other kind held is not sent. */
export function freezeRequest(fields: FreezeFields): FreezeWindowRequest {
  const once = fields.kind === "once";
  return {
    project_id: fields.projectId ?? null,
    tier: fields.tier,
    reason: fields.reason.trim(),
    starts_at: once ? fromLocalInput(fields.startsAt) : null,
    ends_at: once ? fromLocalInput(fields.endsAt) : null,
    weekly: once ? [] : fields.weekly,
    enabled: fields.enabled,
  };
}

/** "Mon–Fri 18:00 to 08:00 of the next day, Europe/Berlin". */
export function describeWindow({ days, start, end, time_zone: zone }: WeeklyWindow): string {
  return `${describeDays(days)} ${start} to ${end}${end <= start ? " of the next day" : ""}, ${zone}`;
}

function describeDays(days: WeeklyWindow["days"]): string {
  const numbers = DAYS.flatMap((day, index) => (days.includes(day) ? [index] : []));
  const [first = 0] = numbers;
  const last = numbers.at(-1) ?? first;
  if (numbers.length === DAYS.length) return "Every day";
  const label = (index: number) => dayLabel(DAYS[index] ?? "mon");
  const inARow = last - first + 1 === numbers.length;
  if (inARow && numbers.length > 2) return `${label(first)}–${label(last)}`;
  return numbers.map(label).join(", ");
}

export type FreezeState = "off" | "now" | "ahead" | "over" | "weekly";

/** Where a freeze stands; of weekly hours only the server knows. */
export function freezeState(freeze: FreezeWindow, now: number): FreezeState {
  if (freeze.enabled === false) return "off";
  if (!freeze.starts_at || !freeze.ends_at) return "weekly";
  if (now < Date.parse(freeze.starts_at)) return "ahead";
  return now < Date.parse(freeze.ends_at) ? "now" : "over";
}
