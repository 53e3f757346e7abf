import { Button, Checkbox, Group, Text } from "@mantine/core";
import { useState } from "react";

import { type Bulk, BulkDialog } from "./BulkDialog";
import { MOST_AT_ONCE } from "./selection";
import classes from "./TicketList.module.css";

interface Props {
  /** Tickets of the list that the caller may decide. */
  open: string[];
  chosen: string[];
  onChoose: (tickets: string[]) => void;
}

/** Chooses tickets, to decide them together. */
export function BulkBar({ open, chosen, onChoose }: Props) {
  // The tickets as they were when the dialog opened: the list goes on changing behind it.
  const [bulk, setBulk] = useState<Bulk | null>(null);
  const all = open.slice(0, MOST_AT_ONCE);
  return (
    <>
      {open.length > 0 && (
        <Group className={classes.bar} gap="xs" role="toolbar" aria-label="Decide together">
          <Checkbox
            label={chosen.length > 0 ? `${chosen.length} chosen` : "Choose all"}
            checked={chosen.length === all.length}
            indeterminate={chosen.length > 0 && chosen.length < all.length}
            onChange={() => onChoose(chosen.length === all.length ? [] : all)}
          />
          {chosen.length > 0 && (
            <Group gap="xs" ml="auto">
              <Button
                size="compact-sm"
                color="green.8"
                onClick={() => setBulk({ decision: "approve", tickets: chosen })}
              >
                Approve…
              </Button>
              <Button
                size="compact-sm"
                color="red.8"
                onClick={() => setBulk({ decision: "reject", tickets: chosen })}
              >
                Reject…
              </Button>
            </Group>
          )}
          {open.length > MOST_AT_ONCE && chosen.length === MOST_AT_ONCE && (
            <Text size="xs" c="dimmed">
              At most {MOST_AT_ONCE} at once.
            </Text>
          )}
        </Group>
      )}
      {bulk && <BulkDialog bulk={bulk} onClose={() => setBulk(null)} onDone={() => onChoose([])} />}
    </>
  );
}
