import { Table, Tooltip } from "@mantine/core";
import { useMemo } from "react";

import type { InstallStep } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { CheckIcon, CrossIcon, MinusIcon, WarningIcon } from "@/components/icons";
import { Panel } from "@/components/Panel";
import { lookOf } from "@/lib/statuses";
import { formatMilliseconds } from "@/lib/time";

import classes from "./StepMatrix.module.css";
import { toMatrix } from "./toMatrix";

interface Props {
  steps: InstallStep[];
  selected: number | undefined;
  onSelect: (step: number) => void;
}

/** Steps down, nodes across; a cell is one hook on one node. */
export function StepMatrix({ steps, selected, onSelect }: Props) {
  const { nodes, rows } = useMemo(() => toMatrix(steps), [steps]);
  return (
    <Panel title="Steps" flush>
      {rows.length === 0 ? (
        <EmptyState title="No steps yet" />
      ) : (
        <Table.ScrollContainer type="native" minWidth={360}>
          <Table className={classes.matrix} aria-label="Steps by node">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Step</Table.Th>
                {nodes.map((node) => (
                  <Table.Th key={node.id} title={node.host}>
                    {node.name}
                  </Table.Th>
                ))}
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {rows.map((row) => (
                <Table.Tr key={row.key}>
                  <Table.Th scope="row">
                    <span className={classes.phase}>{row.phase}</span> {row.hook}
                  </Table.Th>
                  {nodes.map((node) => {
                    const step = row.cells.get(node.id);
                    return (
                      <Table.Td key={node.id}>
                        {step && (
                          <Cell
                            step={step}
                            selected={step.id === selected}
                            onSelect={() => onSelect(step.id)}
                          />
                        )}
                      </Table.Td>
                    );
                  })}
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Panel>
  );
}

interface CellProps {
  step: InstallStep;
  selected: boolean;
  onSelect: () => void;
}

function Cell({ step, selected, onSelect }: CellProps) {
  const { color, label, animated } = lookOf(step.status);
  const took = step.duration_ms === null ? "" : `, ${formatMilliseconds(step.duration_ms)}`;
  return (
    <Tooltip label={`${label}${took}`}>
      <button
        type="button"
        className={classes.cell}
        style={{ "--cell": `var(--mantine-color-${color}-6)` }}
        data-animated={animated}
        aria-pressed={selected}
        aria-label={`${step.hook} on ${step.node.name}: ${label}${took}`}
        onClick={onSelect}
      >
        <CellIcon status={step.status} />
      </button>
    </Tooltip>
  );
}

function CellIcon({ status }: { status: string }) {
  switch (status) {
    case "succeeded":
      return <CheckIcon size={14} />;
    case "failed":
      return <CrossIcon size={14} />;
    case "needs_attention":
      return <WarningIcon size={14} />;
    case "skipped":
    case "cancelled":
      return <MinusIcon size={14} />;
    default:
      return null;
  }
}
