import { Table } from "@mantine/core";
import { Link } from "@tanstack/react-router";

import type { ServiceFigures } from "@/api/types";
import classes from "@/components/table.module.css";

import { seconds, share } from "./figures";

/** The same figures, service by service; "—" where there is nothing to tell from. */
export function ServiceTable({ services }: { services: ServiceFigures[] }) {
  return (
    <Table.ScrollContainer type="native" minWidth={700}>
      <Table className={classes.table} aria-label="Figures by service">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Service</Table.Th>
            <Table.Th ta="right">Deployments</Table.Th>
            <Table.Th ta="right">Rollbacks</Table.Th>
            <Table.Th ta="right">Failures</Table.Th>
            <Table.Th ta="right">Failure rate</Table.Th>
            <Table.Th ta="right">Lead time</Table.Th>
            <Table.Th ta="right">Time to restore</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody className={classes.numbers}>
          {services.map((figures) => (
            <Table.Tr key={figures.service.id}>
              <Table.Td>
                <Link
                  to="/releases"
                  search={{ service: figures.service.id }}
                  className={classes.rowLink}
                >
                  {figures.service.name}
                </Link>
              </Table.Td>
              <Table.Td ta="right">{figures.deployments}</Table.Td>
              <Table.Td ta="right">{figures.rollbacks}</Table.Td>
              <Table.Td ta="right">{figures.failures}</Table.Td>
              <Table.Td ta="right">{share(figures.change_failure_rate)}</Table.Td>
              <Table.Td ta="right">{seconds(figures.lead_time_median_seconds)}</Table.Td>
              <Table.Td ta="right">{seconds(figures.time_to_restore_median_seconds)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
