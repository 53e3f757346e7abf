import type { InboxItem } from "@/api/types";
import { Pill } from "@/components/Pill";

const LOOKS = {
  pending: { color: "orange", label: "Pending" },
  approved: { color: "green", label: "Approved" },
  rejected: { color: "red", label: "Rejected" },
  expired: { color: "gray", label: "Expired" },
  cancelled: { color: "gray", label: "Cancelled" },
} as const;

export function TicketStatus({ status }: { status: InboxItem["status"] }) {
  const { color, label } = LOOKS[status];
  return <Pill color={color}>{label}</Pill>;
}
