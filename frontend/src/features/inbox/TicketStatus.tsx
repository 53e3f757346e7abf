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

/** What is out of the ordinary with a ticket. */
export function TicketMarks({ item }: { item: InboxItem }) {
  return (
    <>
      {item.broke_glass && <Pill color="red">Break-glass</Pill>}
      {item.freeze_override && !item.broke_glass && <Pill color="orange">Freeze override</Pill>}
      {item.reason_code === "preview_mismatch" && <Pill color="gray">Void</Pill>}
    </>
  );
}
